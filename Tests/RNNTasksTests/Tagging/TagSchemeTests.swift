import RNNCore
import Testing

@testable import RNNTasks

@Suite("Schemes of tags")
struct TagSchemeTests {
  private func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  /// Tags read in a scheme, with chunks in IOB2.
  private func iob2(_ text: String, _ scheme: TagScheme = .bioes) -> [ChunkTag] {
    scheme.normalized(words(text)).compactMap(ChunkTag.init)
  }

  /// Writes `gold` and `predicted` in `scheme`, reads them again and scores.
  private func score(_ gold: [ChunkTag], _ predicted: [ChunkTag], by scheme: TagScheme)
    -> ChunkScore
  {
    var score = ChunkScore()
    score.add(
      gold: scheme.normalized(scheme.tags(of: gold)).compactMap(ChunkTag.init),
      predicted: scheme.normalized(scheme.tags(of: predicted)).compactMap(ChunkTag.init))
    return score
  }

  @Test(
    "The same chunks in each scheme",
    arguments: [
      (TagScheme.iob1, "I-a I-a B-a O I-b I-a I-a B-a I-a"),
      (.iob2, "B-a I-a B-a O B-b B-a I-a B-a I-a"),
      (.bioes, "B-a E-a S-a O S-b B-a E-a B-a E-a"),
      (.bilou, "B-a L-a U-a O U-b B-a L-a B-a L-a"),
    ])
  func hand(scheme: TagScheme, text: String) {
    let chunks = words("B-a I-a B-a O B-b B-a I-a B-a I-a")
    #expect(scheme.normalized(words(text)) == chunks)
    #expect(scheme.tags(of: chunks.compactMap(ChunkTag.init)) == words(text))
  }

  @Test("Three words of one chunk, and a type with hyphens and capitals")
  func types() {
    let tags: [ChunkTag] = [.begin("a-B"), .inside("a-B"), .inside("a-B")]
    #expect(TagScheme.bioes.tags(of: tags) == ["B-a-B", "I-a-B", "E-a-B"])
    #expect(TagScheme.bilou.tags(of: tags) == ["B-a-B", "I-a-B", "L-a-B"])
    #expect(TagScheme.iob1.tags(of: tags) == ["I-a-B", "I-a-B", "I-a-B"])
    #expect(iob2("B-a-B I-a-B E-a-B") == tags)
    // A combining mark after the hyphen is part of the type.
    #expect(iob2("S-\u{301}x").map(\.type) == ["\u{301}x"])
  }

  @Test("Types of other scalars are other types, also where they look alike")
  func equivalentTypes() throws {
    let (composed, decomposed) = ("\u{E9}", "e\u{301}")
    let tags = TagScheme.bioes.normalized(["B-\(composed)", "E-\(decomposed)"])
    #expect(tags.map { $0.utf8.count } == [4, 5] && tags.allSatisfy { $0.hasPrefix("B-") })
    let written = TagScheme.iob1.tags(of: [.begin(composed), .begin(decomposed)])
    #expect(written == ["I-\(composed)", "I-\(decomposed)"])
    // A B- behind a chunk of another type does not stand in IOB1.
    var evidence = SchemeEvidence()
    evidence.add(["I-\(composed)", "B-\(decomposed)"]) { _ in "" }
    #expect(try evidence.scheme() == .iob2)
  }

  /// What seqeval 1.2.2 says of tags drawn uniformly over O, O, B, I, E, S, B, I, E and S of two
  /// types, of which three in ten were drawn again: chunks in both, in the second, in the first,
  /// and F1. Recipe as of ``GoldenScore``.
  private static let golden: [(String, String, Int, Int, Int, Double)] = [
    ("B-a O S-b", "B-a O S-b", 2, 2, 2, 1),
    ("E-b O S-a S-b E-b", "I-a O S-a S-b E-b", 3, 4, 4, 0.75),
    (
      "B-b E-a B-a S-a B-b E-b E-b B-a", "B-b E-a E-b E-b B-b E-b E-b O", 4, 6, 7, 0.6153846154
    ),
    (
      "B-a E-b S-a S-b I-b O O E-a I-a O I-b", "B-a E-b S-a S-b I-b O O E-a I-a S-b I-b", 8, 9, 8,
      0.9411764706
    ),
    (
      "O I-b I-a B-a E-a S-b S-a B-b O E-a O I-b S-a I-a",
      "O O I-a E-a E-a S-b S-a B-b O E-a I-a I-b O I-a", 6, 9, 10, 0.6315789474
    ),
    (
      "O B-b E-b I-b E-a S-b I-a E-a I-b S-a B-a B-a O B-b I-a E-a I-b",
      "O B-b O O E-a O O S-a I-b S-a B-a B-a O B-b I-a E-a O", 7, 9, 12, 0.6666666667
    ),
  ]

  @Test("Malformed BIOES, and BILOU alike, has the chunks that seqeval finds")
  func malformed() {
    for (gold, predicted, correct, found, wanted, f1) in Self.golden {
      for scheme in [TagScheme.bioes, .bilou] {
        func tags(_ text: String) -> [ChunkTag] {
          let own =
            scheme == .bioes
            ? text : text.replacing("E-", with: "L-").replacing("S-", with: "U-")
          return iob2(own, scheme)
        }
        var score = ChunkScore()
        score.add(gold: tags(gold), predicted: tags(predicted))
        #expect(score.total.correct == correct && score.total.predicted == found, "\(gold)")
        // The literals have ten decimals.
        #expect(score.total.gold == wanted && abs(score.f1 - f1) < 1e-10, "\(gold)")
      }
    }
  }

  @Test("Chunks drawn at random are the same in all schemes, and score the same F1")
  func property() throws {
    var random = RandomGenerator(seed: 7)
    func drawn() -> [ChunkTag] {
      var tags: [ChunkTag] = []
      for _ in 0..<random.integer(below: 9) {
        let type = ["a", "b", "a-b"][random.integer(below: 3)]
        switch random.integer(below: 3) {
        case 0: tags.append(.outside)
        default:
          let more = random.integer(below: 3)
          tags += [.begin(type)] + Array(repeating: .inside(type), count: more)
        }
      }
      return tags
    }
    for _ in 0..<500 {
      let gold = drawn()
      var predicted = drawn()
      predicted += Array(repeating: .outside, count: max(0, gold.count - predicted.count))
      predicted = Array(predicted.prefix(gold.count))
      var plain = ChunkScore()
      plain.add(gold: gold, predicted: predicted)
      for scheme in TagScheme.allCases where scheme.hasChunks {
        let written = scheme.tags(of: gold)
        #expect(written.allSatisfy(scheme.allows))
        #expect(scheme.normalized(written).compactMap(ChunkTag.init) == gold, "\(written)")
        #expect(score(gold, predicted, by: scheme) == plain)
      }
    }
  }

  @Test("What a model gets wrong in IOB is written as the chunks that it scores as")
  func wrongAnswers() {
    let tags: [ChunkTag] = [.inside("a"), .inside("b"), .inside("b"), .outside, .inside("a")]
    #expect(TagScheme.iob2.tags(of: tags) == words("B-a B-b I-b O B-a"))
    #expect(TagScheme.bioes.tags(of: tags) == words("S-a B-b E-b O S-a"))
    #expect(TagScheme.iob1.tags(of: tags) == words("I-a I-b I-b O I-a"))
  }

  // MARK: - What tags tell

  private func evidence(_ sentences: [String]) -> SchemeEvidence {
    var evidence = SchemeEvidence()
    for (line, tags) in sentences.enumerated() {
      evidence.add(words(tags)) { "line \(line + 1), word \($0 + 1)" }
    }
    return evidence
  }

  @Test(
    "The scheme is told by the tags",
    arguments: [
      // Parts of speech, also with O and with hyphens.
      (["DT NN VB"], TagScheme.labels), (["O NN O"], .labels), (["NN-PL V-INF B- O"], .labels),
      (["B- O B-"], .labels),
      // Lower case is no scheme: labels.
      (["b-per i-per o O"], .labels), (["PER PER O"], .labels),
      // Only O: nothing to find, in IOB2.
      (["O O", "O"], .iob2),
      (["B-a I-a O"], .iob2), (["B-a B-a", "O"], .iob2), (["B-a I-a"], .iob2),
      // Both kinds of start: IOB2 with mistakes.
      (["I-a O B-a"], .iob2),
      (["I-a I-a B-a I-a O"], .iob1), (["I-a O", "I-b I-a"], .iob1),
      (["S-a O"], .bioes), (["B-a E-a O"], .bioes), (["B-a I-a O", "B-a I-a E-a"], .bioes),
      (["U-a O"], .bilou), (["B-a I-a L-a", "U-b"], .bilou),
      // Singles without O are right in either way.
      (["S-adj S-noun"], .bioes),
      // L- and E- that nothing begins, and both of them, are names of their own.
      (["L-adj L-noun L-adj"], .labels), (["E-x E-y"], .labels), (["S-adj L-noun"], .labels),
    ])
  func told(sentences: [String], scheme: TagScheme) throws {
    #expect(try evidence(sentences).scheme() == scheme)
  }

  @Test("Tags that are all O are whatever is standard")
  func standard() throws {
    #expect(try evidence(["O O"]).scheme(standard: .bilou) == .bilou)
    #expect(try evidence(["S-a"]).scheme(standard: .bilou) == .bioes)
  }

  @Test(
    "A tag that does not fit among chunks is refused with its place",
    arguments: [
      (["B-a O", "I-a B- O"], "line 2, word 2", "B-"),
      (["O B-a I-a o"], "line 1, word 4", "o"),
      (["B-a I-a E-a S-a O", "B-a L-a"], "line 2, word 2", "L-a"),
    ])
  func refused(sentences: [String], place: String, tag: String) {
    let error = #expect(throws: RNNError.self) { try evidence(sentences).scheme() }
    #expect(error?.kind == .format && error?.argument == place && error?.found == "'\(tag)'")
    #expect(error?.expected.contains("labels") == true)
  }

  @Test(
    "A scheme that is named takes its tags alone",
    arguments: [
      (TagScheme.iob1, "S-a", "a tag O, B-type or I-type"),
      (.iob2, "NN", "a tag O, B-type or I-type"),
      (.bioes, "L-a", "a tag O, B-type, I-type, E-type or S-type"),
      (.bilou, "B-", "a tag O, B-type, I-type, L-type or U-type"),
    ])
  func named(scheme: TagScheme, tag: String, expected: String) throws {
    let evidence = evidence(["O B-a I-a", tag])
    let error = #expect(throws: RNNError.self) { try evidence.check(scheme) }
    #expect(error?.argument == "line 2, word 1" && error?.expected == expected)
    #expect(throws: Never.self) { try evidence.check(.labels) }
  }

  @Test("BMES is refused by name, however many of its tags are M-; other M- are labels")
  func middles() throws {
    func scheme(_ text: String) throws -> TagScheme {
      var evidence = SchemeEvidence()
      evidence.add(words(text)) { "word \($0)" }
      return try evidence.scheme()
    }
    for text in ["O B-a M-a E-a S-a", "B-a M-a M-a M-a M-a E-a", "S-a O B-a E-a B-b M-b M-b E-b"] {
      let error = #expect(throws: RNNError.self, "\(text)") { try scheme(text) }
      #expect(error?.kind == .format && error?.found.contains("BMES") == true)
      let place = words(text).firstIndex { $0.hasPrefix("M-") }
      #expect(error?.argument == place.map { "word \($0)" })
    }
    #expect(try scheme("M-a M-b N-a B-a M-c E-c O") == .labels)
  }
}
