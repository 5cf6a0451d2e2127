import RNNTasks
import Testing

/// Bracket scores against the sample that EVALB (Sekine and Collins 1997) is distributed with: its
/// sentences `sample.gld` and `sample.tst` and the table `sample.rsl` that EVALB prints for them,
/// of which these are the columns "Matched Bracket", "Bracket gold" and "Bracket test". Left out
/// are the seven sentences that EVALB itself leaves out, since their words differ or there is no
/// parse. Where the prediction is no single tree, as in sentence 8, TOP, which is not counted,
/// holds its parts together.
@Suite("Bracket scores against EVALB's sample")
struct BracketSampleTests {
  struct Line: Sendable, CustomTestStringConvertible {
    var id: Int
    var gold = "(S (A (P this)) (B (Q is) (A (R a) (T test))))"
    var test: String
    var matched: Int
    var goldBrackets = 4
    var testBrackets: Int

    var testDescription: String { "sentence \(id)" }
  }

  private static let eleven = String(
    repeating: " (A (P this)) (B (Q is) (A (R a) (T test)))", count: 11)

  static let lines = [
    Line(
      id: 1, test: "(S (A (P this)) (B (Q is) (A (R a) (T test))))", matched: 4, testBrackets: 4),
    Line(
      id: 2, test: "(S (A (P this)) (B (Q is) (C (R a) (T test))))", matched: 3, testBrackets: 4),
    Line(
      id: 3, test: "(S (A (P this)) (B (Q is) (A (R a) (U test))))", matched: 4, testBrackets: 4),
    Line(
      id: 4, test: "(S (C (P this)) (B (Q is) (A (R a) (U test))))", matched: 3, testBrackets: 4),
    Line(
      id: 5, test: "(S (A (P this)) (B (Q is) (R a) (A (T test))))", matched: 3, testBrackets: 4),
    Line(id: 6, test: "(S (A (P this) (Q is)) (A (R a) (T test)))", matched: 2, testBrackets: 3),
    Line(id: 7, test: "(S (P this) (Q is) (R a) (T test))", matched: 1, testBrackets: 1),
    Line(id: 8, test: "(TOP (P this) (Q is) (R a) (T test))", matched: 0, testBrackets: 0),
    Line(
      id: 9, test: "(S (A (P this)) (B (Q is) (A (A (R a) (T test)))))", matched: 4,
      testBrackets: 5),
    Line(
      id: 10, test: "(S (A (P this)) (B (Q is) (A (A (A (A (A (R a) (T test))))))))", matched: 4,
      testBrackets: 8),
    Line(
      id: 15, test: "(TOP (S (A (P this)) (B (Q is) (A (R a) (T test)))))", matched: 4,
      testBrackets: 4),
    Line(
      id: 18, test: "(S (A (P this)) (B (Q is) (A (R a) (TT test))))", matched: 4, testBrackets: 4),
    Line(
      id: 19, test: "(S (A (P This)) (B (Q is) (A (R a) (T test))))", matched: 4, testBrackets: 4),
    Line(
      id: 21, gold: "(S (A-SBJ-1 (P this)) (B-WHATEVER (Q is) (A (R a) (T test))))",
      test: "(S (A (P this)) (B (Q is) (A (R a) (T test))))", matched: 4, testBrackets: 4),
    Line(
      id: 22, gold: "(S\(eleven))", test: "(S\(eleven))", matched: 34, goldBrackets: 34,
      testBrackets: 34),
    Line(
      id: 23, gold: "(S (A (P this)) (B (Q is) (A (R a) (T test))) (-NONE- *))",
      test: "(S (A (P this)) (B (Q is) (A (R a) (T test))) (-NONE- *))", matched: 4,
      testBrackets: 4),
    Line(
      id: 24, gold: "(S (A (P this)) (B (Q is) (A (R a) (T test))) (: *))",
      test: "(S (A (P this)) (B (Q is) (A (R a) (T test))) (: *))", matched: 4, testBrackets: 4),
  ]

  private static func add(_ line: Line, to score: inout BracketScore) throws {
    // Functions and roots are the score's own business, traces the reader's.
    let cleaning = TreeCleaning(removesFunctions: false, removesRoot: false)
    score.add(
      gold: try Trees.read(line.gold, cleaning)[0],
      predicted: try Trees.read(line.test, cleaning)[0])
  }

  @Test("Each sentence has EVALB's counts", arguments: lines)
  func counts(_ line: Line) throws {
    var score = BracketScore()
    try Self.add(line, to: &score)
    #expect(score.total.correct == line.matched)
    #expect(score.total.gold == line.goldBrackets)
    #expect(score.total.predicted == line.testBrackets)
  }

  /// The summary's lines for all sentences: 17 valid, recall 87.76, precision 90.53, complete match
  /// 52.94.
  @Test("All together have EVALB's summary")
  func summary() throws {
    var score = BracketScore()
    for line in Self.lines { try Self.add(line, to: &score) }
    #expect(score.sentences == 17)
    #expect(score.total.correct == 86 && score.total.gold == 98 && score.total.predicted == 95)
    // EVALB prints two digits.
    for (share, printed) in [
      (score.recall, 87.76), (score.precision, 90.53), (score.exactMatch, 52.94),
    ] {
      #expect(abs(100 * share - printed) <= 0.005)
    }
    #expect(score.f1 == 2 * 86.0 / (98 + 95))
  }
}
