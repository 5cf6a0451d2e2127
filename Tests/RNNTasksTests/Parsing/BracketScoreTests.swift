import RNNTasks
import Testing

@Suite("Bracket scores")
struct BracketScoreTests {
  private func score(_ pairs: (gold: String, predicted: String)...) throws -> BracketScore {
    var score = BracketScore()
    for (gold, predicted) in pairs {
      score.add(gold: try Trees.tree(gold), predicted: try Trees.tree(predicted))
    }
    return score
  }

  private static let fish = (
    gold: """
    (S (NP (PRP He)) (VP (VBD ate) (NP (DT the) (NN fish)) (PP (IN with) (NP (DT a) (NN fork)))) \
    (. .))
    """,
    predicted: """
    (S (NP (PRP He)) (VP (VBD ate) (NP (NP (DT the) (NN fish)) (PP (IN with) (NP (DT a) (NN fork)) \
    (. .)))))
    """
  )

  @Test("A wrong attachment costs what EVALB takes for it, by hand")
  func attachment() throws {
    // Reference: S 0-7, NP 0-1, VP 1-7, NP 2-4, PP 4-7, NP 5-7. Predicted: these and NP 2-7; the
    // full stop within PP is no part of any bracket.
    let score = try score(Self.fish)
    #expect(score.total.gold == 6 && score.total.predicted == 7 && score.total.correct == 6)
    #expect(score.precision == 6.0 / 7 && score.recall == 1 && score.f1 == 12.0 / 13)
    #expect(score.table.map(\.label) == ["NP", "PP", "S", "VP"])
    #expect(score.table[0].counts.predicted == 4 && score.table[0].counts.gold == 3)
    #expect(score.exactMatch == 0)
  }

  @Test("The root, functions, ADVP for PRT and constituents of punctuation make no difference")
  func rules() throws {
    let score = try score(
      (
        "(TOP (S (NP-SBJ (NN a)) (PRN (, ,)) (VP (VB b) (PRT (RP c)))))",
        "(S (NP=2 (NN a)) (, ,) (VP (VB b) (ADVP (RP c))))"
      ))
    #expect(score.exactMatch == 1 && score.f1 == 1 && score.total.gold == 4)
    #expect(score.byLabel["ADVP"]?.correct == 1 && score.byLabel["PRN"] == nil)
  }

  @Test("Equal brackets are matched one to one")
  func multiset() throws {
    let twice = try score(("(NP (NP (NN a)))", "(NP (NN a))"))
    #expect(twice.total.gold == 2 && twice.total.predicted == 1 && twice.total.correct == 1)
    let thrice = try score(("(NP (NP (NN a)))", "(NP (NP (NP (NN a))))"))
    #expect(thrice.total.correct == 2 && thrice.precision == 2.0 / 3 && thrice.exactMatch == 0)
  }

  @Test("Parts of speech are no brackets: they may differ, and the reference's say what counts")
  func tags() throws {
    let score = try score(("(S (NN a) (. !))", "(S (XX a) (XX !))"), ("(NN a)", "(XX a)"))
    #expect(score.total.gold == 1 && score.total.correct == 1 && score.exactMatch == 1)
  }

  @Test("Sentences of punctuation are skipped, parts merge, nothing scored is zero")
  func merging() throws {
    let mark = ("(FRAG (. .))", "(S (X (. .)))")
    let whole = try score(Self.fish, mark, ("(NP (NN a))", "(NP (NN a))"))
    #expect(whole.sentences == 2 && whole.exactMatches == 1 && whole.exactMatch == 0.5)
    var merged = try score(Self.fish, mark)
    merged.merge(try score(("(NP (NN a))", "(NP (NN a))")))
    #expect(merged == whole)
    #expect(BracketScore().f1 == 0 && BracketScore().exactMatch == 0)
  }
}
