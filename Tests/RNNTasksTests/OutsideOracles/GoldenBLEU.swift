import RNNTasks

/// What sacrebleu says of a corpus.
///
/// Recipe (sacrebleu 2.6.0 from PyPI), for lists of sentences `h` and `r`:
///
///     from sacrebleu import corpus_bleu
///     n = corpus_bleu(h, [r], tokenize="none", smooth_method="none")
///     e = corpus_bleu(h, [r], tokenize="none", smooth_method="exp")
///     print(n.counts, n.totals, n.sys_len, n.ref_len, n.bp, e.precisions, n.score, e.score)
///
/// The first and the two of the military are examples of Papineni et al. (2002); the last corpus is
/// drawn: letters a to f, a quarter of them drawn anew for the hypotheses and one sometimes
/// dropped.
struct GoldenBLEU {
  let hypotheses: [String]
  let references: [String]
  let matches: [Int]
  let totals: [Int]
  /// Of the hypotheses and the references.
  let lengths: (Int, Int)
  let penalty: Double
  /// Precisions with exponential smoothing.
  let smoothed: [Double]
  let score: Double
  let smoothedScore: Double

  static let all = [
    GoldenBLEU(
      hypotheses: ["the the the the the the the"],
      references: ["the cat is on the mat"],
      matches: [2, 0, 0, 0], totals: [7, 6, 5, 4], lengths: (7, 6),
      penalty: 1.0, smoothed: [28.571428571428573, 8.333333333333334, 5.0, 3.125],
      score: 0.0, smoothedScore: 7.809849842300637),
    GoldenBLEU(
      hypotheses: ["a b c d e"],
      references: ["a b c d e"],
      matches: [5, 4, 3, 2], totals: [5, 4, 3, 2], lengths: (5, 5),
      penalty: 1.0, smoothed: [100.0, 100.0, 100.0, 100.0],
      score: 100.00000000000004, smoothedScore: 100.00000000000004),
    GoldenBLEU(
      hypotheses: ["a b"],
      references: ["a b"],
      matches: [2, 1, 0, 0], totals: [2, 1, 0, 0], lengths: (2, 2),
      penalty: 1.0, smoothed: [100.0, 100.0, 0.0, 0.0],
      score: 0.0, smoothedScore: 0.0),
    GoldenBLEU(
      hypotheses: ["the cat sat"],
      references: ["the cat sat on the mat"],
      matches: [3, 2, 1, 0], totals: [3, 2, 1, 0], lengths: (3, 6),
      penalty: 0.36787944117144233, smoothed: [100.0, 100.0, 100.0, 0.0],
      score: 0.0, smoothedScore: 0.0),
    GoldenBLEU(
      hypotheses: [""],
      references: ["a b c d"],
      matches: [0, 0, 0, 0], totals: [0, 0, 0, 0], lengths: (0, 4),
      penalty: 0.0, smoothed: [0.0, 0.0, 0.0, 0.0],
      score: 0.0, smoothedScore: 0.0),
    GoldenBLEU(
      hypotheses: ["", ""],
      references: ["a b c d", "x"],
      matches: [0, 0, 0, 0], totals: [0, 0, 0, 0], lengths: (0, 5),
      penalty: 0.0, smoothed: [0.0, 0.0, 0.0, 0.0],
      score: 0.0, smoothedScore: 0.0),
    GoldenBLEU(
      hypotheses: ["", "a b c d e f"],
      references: ["x y z", "a b c d e g"],
      matches: [5, 4, 3, 2], totals: [6, 5, 4, 3], lengths: (6, 9),
      penalty: 0.6065306597126334, smoothed: [83.33333333333333, 80.0, 75.0, 66.66666666666667],
      score: 46.08636396914616, smoothedScore: 46.08636396914616),
    GoldenBLEU(
      hypotheses: [
        "it is a guide to action which ensures that the military always obeys the commands of the party"
      ],
      references: [
        "it is a guide to action that ensures that the military will forever heed party commands"
      ],
      matches: [12, 8, 6, 4], totals: [18, 17, 16, 15], lengths: (18, 16),
      penalty: 1.0, smoothed: [66.66666666666667, 47.05882352941177, 37.5, 26.666666666666668],
      score: 42.08598069524091, smoothedScore: 42.08598069524091),
    GoldenBLEU(
      hypotheses: [
        "it is to insure the troops forever hearing the activity guidebook that party direct"
      ],
      references: [
        "it is a guide to action that ensures that the military will forever heed party commands"
      ],
      matches: [7, 1, 0, 0], totals: [14, 13, 12, 11], lengths: (14, 16),
      penalty: 0.8668778997501817,
      smoothed: [50.0, 7.6923076923076925, 4.166666666666667, 2.272727272727273],
      score: 0.0, smoothedScore: 6.734395444347337),
    GoldenBLEU(
      hypotheses: ["x y z w v"],
      references: ["a b c d e"],
      matches: [0, 0, 0, 0], totals: [5, 4, 3, 2], lengths: (5, 5),
      penalty: 1.0, smoothed: [0.0, 0.0, 0.0, 0.0],
      score: 0.0, smoothedScore: 0.0),
    GoldenBLEU(
      hypotheses: [
        "b d b a e",
        "e",
        "e a e e d a b a e b c",
        "f f a c d f c",
        "c a e",
        "c c f c e d e c a a c d f b",
        "d a b d f b",
        "b b",
        "c e f d b f e e f",
        "b c e e a a e",
        "d d",
        "c e c d f e e a e e c b",
      ],
      references: [
        "b d f a a e",
        "e",
        "e a e e d a b a e b c",
        "f e d c d e d c",
        "c b d",
        "c c f c e d e d a a c d f f",
        "d d a b d d e",
        "b f b",
        "c e e c b f e e f",
        "b a c e a a a e",
        "d d",
        "c f c d f b e a b e c b",
      ],
      matches: [63, 41, 26, 17], totals: [79, 67, 56, 47], lengths: (79, 84),
      penalty: 0.9386701501888539,
      smoothed: [79.74683544303798, 61.19402985074627, 46.42857142857143, 36.170212765957444],
      score: 50.22300930950758, smoothedScore: 50.22300930950758),
  ]
}
