import RNNCore
import Testing

@testable import RNNTasks

@Suite("Linearised trees")
struct LinearizedTreeTests {
  @Test("The example of Vinyals et al. is written as in their paper")
  func published() throws {
    let tree = try Trees.tree("(S (NP (NNP John)) (VP (VBZ has) (NP (DT a) (NN dog))) (. .))")
    #expect(
      LinearizedTree.tokens(of: tree).joined(separator: " ")
        == "(S (NP XX )NP (VP XX (NP XX XX )NP )VP XX )S")
  }

  @Test("Trees kept as numbers come back, with the leaves that they have")
  func flat() throws {
    var random = RandomGenerator(seed: 12)
    var (flat, trees) = (FlatTrees(), [BracketedTree]())
    for _ in 0..<200 {
      trees.append(Trees.drawn(depth: 8, using: &random))
      try flat.append(trees[trees.count - 1])
    }
    #expect(flat.count == 200 && trees.indices.allSatisfy { flat[$0] == trees[$0] })
    for (index, tree) in trees.enumerated() {
      let leaves = flat.leaves(index)
      #expect(leaves.map { flat.names.tokens[Int($0.word)] } == tree.words)
      #expect(leaves.map { flat.names.tokens[Int($0.tag)] } == tree.leaves.map(\.tag))
    }
  }

  @Test("Drawn trees come back without repair")
  func roundTrip() {
    var random = RandomGenerator(seed: 11)
    for _ in 0..<500 {
      let tree = Trees.drawn(depth: 8, using: &random)
      let (read, wasRepaired) = LinearizedTree.tree(
        from: LinearizedTree.tokens(of: tree), words: tree.words, tags: tree.leaves.map(\.tag))
      #expect(read == tree && !wasRepaired)
    }
  }

  @Test("Parts of speech are written with the words, and read again")
  func tags() throws {
    let tree = try Trees.tree("(S (NP (NNP John)) (VP (VBZ has)) (. .))")
    let tokens = LinearizedTree.tokens(of: tree, showsTags: true)
    #expect(tokens.joined(separator: " ") == "(S (NP XX/NNP )NP (VP XX/VBZ )VP XX/. )S")
    let (read, wasRepaired) = LinearizedTree.tree(from: tokens, words: tree.words)
    #expect(read == tree && !wasRepaired)
    // Those of words that nothing was written for are not known.
    let (short, _) = LinearizedTree.tree(
      from: ["(S", "XX/DT", "XX/", ")S"], words: ["a", "b", "c"])
    #expect(short.leaves.map(\.tag) == ["DT", "XX", "XX"])
  }

  @Test(
    "Malformed sequences are repaired",
    arguments: [
      // Missing ends, wrong and unmatched ends, empty constituents, nonsense.
      ("(S (NP XX )NP (VP XX", 2, "(S (NP (XX 0)) (VP (XX 1)))"),
      ("(S (NP XX )S", 1, "(S (NP (XX 0)))"),
      ("(S (NP XX )VP XX )NP )S", 2, "(S (NP (XX 0) (XX 1)))"),
      (")S (S XX )S )S )NP", 1, "(S (XX 0))"),
      ("(S (NP )NP XX (VP (PP )PP )VP )S", 1, "(S (XX 0))"),
      ("( (S ) XX (S) b <unk> )S", 1, "(S (XX 0))"),
      // Too many and too few words.
      ("(S (NP XX )NP (VP XX XX )VP )S", 1, "(S (NP (XX 0)))"),
      ("(S (NP XX )NP )S", 3, "(S (NP (XX 0)) (XX 1) (XX 2))"),
      ("(S (NP XX", 3, "(S (NP (XX 0) (XX 1) (XX 2)))"),
      // Several roots and none.
      ("(NP XX )NP (VP XX )VP", 2, "(ROOT (NP (XX 0)) (VP (XX 1)))"),
      ("(NP XX )NP XX", 3, "(ROOT (NP (XX 0)) (XX 1) (XX 2))"),
      ("", 2, "(ROOT (XX 0) (XX 1))"),
      ("", 1, "(XX 0)"),
      ("(S )S", 1, "(XX 0)"),
    ])
  func repair(tokens: String, words: Int, expected: String) {
    let (tree, wasRepaired) = LinearizedTree.tree(
      from: tokens.split(separator: " ").map(String.init), words: (0..<words).map(String.init))
    #expect(tree.text == expected && wasRepaired, "\(tokens)")
  }

  @Test("Whatever is written gives a tree over the words")
  func fuzz() {
    let alphabet = ["(S", "(NP", ")S", ")NP", "XX", "(", ")", "x"]
    var random = RandomGenerator(seed: 5)
    for _ in 0..<2000 {
      let tokens = (0..<random.integer(below: 30)).map { _ in
        alphabet[random.integer(below: alphabet.count)]
      }
      let words = (0...random.integer(below: 9)).map { "w\($0)" }
      let (tree, wasRepaired) = LinearizedTree.tree(from: tokens, words: words)
      #expect(tree.words == words)
      // What needed no repair is the tree's own sequence, and nothing else is.
      #expect((LinearizedTree.tokens(of: tree) == tokens) == !wasRepaired, "\(tokens)")
    }
    let deep = [String](repeating: "(S", count: 50_000) + ["XX"]
    let (tree, wasRepaired) = LinearizedTree.tree(from: deep, words: ["a"])
    #expect(tree.words == ["a"] && wasRepaired)
  }
}
