import RNNTasks
import Testing

@Suite("BLEU")
struct BLEUTests {
  private func bleu(_ hypotheses: [String], _ references: [String]) -> BLEU {
    var bleu = BLEU()
    for (hypothesis, reference) in zip(hypotheses, references) {
      bleu.add(
        hypothesis: hypothesis.split(separator: " "), reference: reference.split(separator: " "))
    }
    return bleu
  }

  @Test("Counts, penalty, precisions and scores equal sacrebleu's")
  func golden() {
    for golden in GoldenBLEU.all + GoldenBLEU.corners {
      let bleu = bleu(golden.hypotheses, golden.references)
      #expect(bleu.matches == golden.matches, "\(golden)")
      #expect(bleu.totals == golden.totals, "\(golden)")
      #expect(bleu.hypothesisLength == golden.lengths.0, "\(golden)")
      #expect(bleu.referenceLength == golden.lengths.1, "\(golden)")
      // Some roundings of numbers up to 100, each at most 2^-47: below 1e-13 together.
      #expect(abs(bleu.brevityPenalty - golden.penalty) < 1e-13, "\(golden)")
      for (mine, theirs) in zip(bleu.precisions(smoothing: .exponential), golden.smoothed) {
        #expect(abs(mine - theirs) < 1e-13, "\(golden)")
      }
      // Four logarithms and an exponential more: relative errors of some 2^-52 on up to 100.
      #expect(abs(bleu.score() - golden.score) < 1e-12, "\(golden)")
      #expect(abs(bleu.score(smoothing: .exponential) - golden.smoothedScore) < 1e-12, "\(golden)")
    }
  }

  @Test("Precisions without smoothing are the counts divided")
  func unsmoothed() {
    let clipped = bleu(["the the the the the the the"], ["the cat is on the mat"])
    #expect(clipped.precisions() == [100 * 2.0 / 7, 0, 0, 0])
    #expect(bleu(["a b c d"], ["a b c d"]).precisions() == [100, 100, 100, 100])
  }

  @Test("Words that look alike are the same only where their scalars are, as in sacrebleu")
  func scalars() {
    // é composed and decomposed: four words of five in a row are found.
    let bleu = bleu(["caf\u{E9} b c d e"], ["cafe\u{301} b c d e"])
    #expect(bleu.matches == [4, 3, 2, 1] && bleu.totals == [5, 4, 3, 2])
    #expect(abs(bleu.score() - 66.87403049764221) < 1e-12)
    var strings = BLEU()
    strings.add(
      hypothesis: ["caf\u{E9}", "b", "c", "d", "e"], reference: ["cafe\u{301}", "b", "c", "d", "e"])
    #expect(strings == bleu)
  }

  @Test("Sentences are clipped one by one, and parts merge to the whole")
  func merging() throws {
    let golden = try #require(GoldenBLEU.all.last)
    let whole = bleu(golden.hypotheses, golden.references)
    var merged = bleu(Array(golden.hypotheses.prefix(5)), Array(golden.references.prefix(5)))
    merged.merge(
      bleu(Array(golden.hypotheses.dropFirst(5)), Array(golden.references.dropFirst(5))))
    #expect(merged == whole)
    // "b" of the second hypothesis is in the first reference alone.
    #expect(bleu(["a", "b"], ["b", "a"]).matches == [0, 0, 0, 0])
  }

  @Test("Where no reference has four words, a score says nothing")
  func shortReferences() {
    #expect(!bleu(["a b", "c"], ["a b", "c"]).isDefined && !BLEU().isDefined)
    let one = bleu(["a b", "c"], ["a b", "c d e f"])
    #expect(one.isDefined && one.score() == 0)
    var merged = bleu(["a b"], ["a b"])
    merged.merge(bleu(["c d e f"], ["c d e f"]))
    #expect(merged.isDefined && abs(merged.score() - 100) < 1e-9)
  }

  @Test("Nothing scored is zero; ids do as well as words")
  func emptyAndIDs() {
    #expect(BLEU().score() == 0 && BLEU().score(smoothing: .exponential) == 0)
    var bleu = BLEU()
    bleu.add(hypothesis: [1, 2, 3, 4, 5] as [Int32], reference: [1, 2, 3, 4, 6])
    #expect(bleu.matches == [4, 3, 2, 1] && bleu.totals == [5, 4, 3, 2])
  }
}
