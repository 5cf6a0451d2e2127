import RNNTasks
import Testing

@Suite("Chunk scores")
struct ChunkScoreTests {
  func tags(_ text: String) -> [ChunkTag] {
    text.split(separator: " ").compactMap { ChunkTag(String($0)) }
  }

  @Test("Counts and F1 equal seqeval's, malformed sequences included")
  func golden() {
    for golden in GoldenScore.all {
      var score = ChunkScore()
      score.add(gold: tags(golden.gold), predicted: tags(golden.predicted))
      let counts = score.total
      #expect(counts.correct == golden.correct, "\(golden)")
      #expect(counts.predicted == golden.found, "\(golden)")
      #expect(counts.gold == golden.wanted, "\(golden)")
      // The literals have ten decimals.
      #expect(abs(score.f1 - golden.f1) < 1e-10, "\(golden)")
    }
  }

  @Test("Scores of parts merge to the score of the whole")
  func merging() {
    var (whole, even, odd) = (ChunkScore(), ChunkScore(), ChunkScore())
    for (index, golden) in GoldenScore.all.enumerated() {
      let (gold, predicted) = (tags(golden.gold), tags(golden.predicted))
      whole.add(gold: gold, predicted: predicted)
      if index.isMultiple(of: 2) {
        even.add(gold: gold, predicted: predicted)
      } else {
        odd.add(gold: gold, predicted: predicted)
      }
    }
    even.merge(odd)
    #expect(even == whole)
    let total = GoldenScore.total
    // Rounding of the last bit.
    #expect(abs(whole.precision - total.precision) < 1e-15)
    #expect(abs(whole.recall - total.recall) < 1e-15)
    #expect(abs(whole.f1 - total.f1) < 1e-15)
    #expect(abs(whole.tokenAccuracy - total.accuracy) < 1e-15)
  }

  @Test("The table has each type with its own counts")
  func table() {
    var score = ChunkScore()
    score.add(gold: tags("B-b I-b O B-a"), predicted: tags("B-b I-b O B-c"))
    #expect(score.table.map(\.type) == ["a", "b", "c"])
    #expect(score.table.map(\.counts.gold) == [1, 1, 0])
    #expect(score.table.map(\.counts.predicted) == [0, 1, 1])
    #expect(score.table.map(\.counts.f1) == [0, 1, 0])
    #expect(score.tokenAccuracy == 0.75)
  }

  @Test("Nothing scored is zero, not a division by zero")
  func empty() {
    let score = ChunkScore()
    #expect(score.f1 == 0 && score.precision == 0 && score.recall == 0)
    #expect(score.tokenAccuracy == 0)
  }

  @Test("Tags are read strictly; a type may hold hyphens")
  func parsing() {
    #expect(ChunkTag("O") == .outside)
    #expect(ChunkTag("B-a-b") == .begin("a-b"))
    #expect(ChunkTag("I-fromloc.city_name") == .inside("fromloc.city_name"))
    for bad in ["", "B", "B-", "I", "X-a", "o", "Ba", "-a"] { #expect(ChunkTag(bad) == nil) }
  }

  @Test("Types are the same where all their scalars are: composed and decomposed letters differ")
  func equivalentTypes() {
    // seqeval compares strings of Python, which differ where scalars do.
    let (composed, decomposed) = ("\u{E9}", "e\u{301}")
    #expect(composed == decomposed)
    var score = ChunkScore()
    score.add(gold: [.begin(composed)], predicted: [.begin(decomposed)])
    score.add(
      gold: [.begin(composed), .inside(decomposed)], predicted: [.begin(composed), .outside])
    #expect(score.total.correct == 1 && score.total.gold == 3 && score.total.predicted == 2)
    #expect(score.correctTokens == 1 && score.table.count == 2)
    #expect(score.table.map(\.counts.gold) == [1, 2])
    #expect(score.byType == [composed: score.total])
    #expect(Set([ChunkTag.begin(composed), .begin(decomposed)]).count == 2)
  }
}
