import RNNCore
import RNNTasks
import Testing

@Suite("Reading trees")
struct TreeReaderTests {
  @Test("Trees with round brackets in words and labels are written so that they can be read")
  func brackets() throws {
    let tree = BracketedTree.phrase(
      label: "S(",
      children: [.word("a(b)", tag: "("), .word(")", tag: ")"), .word("[", tag: "SYM")])
    #expect(tree.text == "(S-LRB- (-LRB- a-LRB-b-RRB-) (-RRB- -RRB-) (SYM [))")
    let read = try Trees.tree(tree.text)
    #expect(read.words == ["a-LRB-b-RRB-", "-RRB-", "["] && read.text == tree.text)
  }

  @Test("Trees over several lines and several trees on a line are read alike")
  func layout() throws {
    let texts = try Trees.read(
      """
      (S (NP (PRP I))
         (VP
           (VBP am))
      )

      ( (S (NP(PRP It))\t(VP (VBZ is)))) (NN x)(NN y)\r
      """
    ).map(\.text)
    #expect(
      texts == [
        "(S (NP (PRP I)) (VP (VBP am)))", "(S (NP (PRP It)) (VP (VBZ is)))", "(NN x)", "(NN y)",
      ])
  }

  @Test("Functions, indices, traces and the root go, and stay where they are asked for")
  func cleaning() throws {
    let text = """
      (TOP (SBARQ (WHNP-1 (WP What)) (SQ=2 (NP-SBJ (-NONE- *T*-1)) (VBZ is-it) (-LRB- -LRB-))))
      """
    #expect(
      try Trees.read(text).map(\.text)
        == ["(SBARQ (WHNP (WP What)) (SQ (VBZ is-it) (-LRB- -LRB-)))"])
    #expect(try Trees.tree(text).text == text)
    let functions = TreeCleaning(removesTraces: false, removesRoot: false)
    #expect(
      try Trees.read(text, functions)[0].text
        == text.replacing("-1 (", with: " (").replacing("=2", with: "").replacing("-SBJ", with: ""))
    let root = TreeCleaning(removesFunctions: false, removesTraces: false)
    #expect(try "(TOP \(Trees.read(text, root)[0].text))" == text)
  }

  @Test("A root with two children stays, and trees of traces alone are passed over")
  func roots() throws {
    #expect(
      try Trees.read("( (NN a) (NN b)) (S (NP (-NONE- *))) (ROOT (NN c))").map(\.text)
        == ["(ROOT (NN a) (NN b))", "(NN c)"])
  }

  @Test("Drawn trees are read as they were written")
  func roundTrip() throws {
    var random = RandomGenerator(seed: 3)
    let trees = (0..<200).map { _ in Trees.drawn(depth: 7, using: &random) }
    let directory = try TemporaryDirectory()
    let url = try directory.write(trees.map(\.text).joined(separator: "\n").utf8, to: "drawn")
    let untouched = TreeCleaning(removesFunctions: false, removesTraces: false, removesRoot: false)
    #expect(try TreeReader.trees(in: url, cleaning: untouched) == trees)
    #expect(trees.contains { $0.words.count > 20 } && trees.contains { $0.words.count == 1 })
  }

  @Test(
    "Bad brackets have file and line",
    arguments: [
      ("(S (NN a))\n(S (NN b)", 2, "1 too few at the end of the file"),
      ("(S\n(NN a)))\n", 2, "an unmatched )"),
      ("(S (NN a))\nb\n", 2, "'b'"),
      ("(S\n ()\n)", 2, "an empty bracket"),
      ("(S (NN a)\n (NP ))", 2, "'NP' alone"),
      ("(S (NN a b))", 1, "also 'b'"),
      ("(S (NN a)\n b)", 2, "also 'b'"),
      ("(S a (NN\nb))", 2, "'a'"),
      ("(S\n((NN a)))", 2, "none"),
    ])
  func malformed(text: String, line: Int, found: String) throws {
    let error = #expect(throws: RNNError.self) { try Trees.read(text) }
    #expect(error?.kind == .format && error?.found == found)
    #expect(error?.argument.hasSuffix("/trees, line \(line)") == true)
  }

  @Test("Brackets without an end do not end the program")
  func depth() throws {
    let deep = BracketedTree.deepest
    let most =
      String(repeating: "(S ", count: deep - 1) + "(N a)" + String(repeating: ")", count: deep - 1)
    #expect(try Trees.read(most)[0].words == ["a"])
    let error = #expect(throws: RNNError.self) {
      try Trees.read(String(repeating: "(S ", count: 100_000))
    }
    #expect(error?.kind == .range)
    #expect(#expect(throws: RNNError.self) { try Trees.read(" \n\n") }?.kind == .empty)
  }
}
