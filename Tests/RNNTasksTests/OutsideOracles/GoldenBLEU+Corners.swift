/// More corpora by the recipe of ``GoldenBLEU``: sentences too short for four words in a row,
/// hypotheses longer than their references, runs that a reference has less often, orders without a
/// match one after the other (each halves what smoothing puts), empty sentences on either side, and
/// a difference of case alone.
extension GoldenBLEU {
  static let corners = [
    GoldenBLEU(
      hypotheses: ["a"], references: ["a"],
      matches: [1, 0, 0, 0], totals: [1, 0, 0, 0], lengths: (1, 1),
      penalty: 1.0, smoothed: [100.0, 0.0, 0.0, 0.0], score: 0.0, smoothedScore: 0.0),
    GoldenBLEU(
      hypotheses: ["a b c"], references: ["a b c"],
      matches: [3, 2, 1, 0], totals: [3, 2, 1, 0], lengths: (3, 3),
      penalty: 1.0, smoothed: [100.0, 100.0, 100.0, 0.0], score: 0.0, smoothedScore: 0.0),
    GoldenBLEU(
      hypotheses: ["a b c d"], references: ["a b c d e"],
      matches: [4, 3, 2, 1], totals: [4, 3, 2, 1], lengths: (4, 5),
      penalty: 0.7788007830714049, smoothed: [100.0, 100.0, 100.0, 100.0],
      score: 77.88007830714052, smoothedScore: 77.88007830714052),
    GoldenBLEU(
      hypotheses: ["a b c d e f g h"], references: ["a b c d"],
      matches: [4, 3, 2, 1], totals: [8, 7, 6, 5], lengths: (8, 4),
      penalty: 1.0, smoothed: [50.0, 42.857142857142854, 33.333333333333336, 20.0],
      score: 34.57207846419409, smoothedScore: 34.57207846419409),
    GoldenBLEU(
      hypotheses: ["a b a b a b a b"], references: ["a b a b c d"],
      matches: [4, 3, 2, 1], totals: [8, 7, 6, 5], lengths: (8, 6),
      penalty: 1.0, smoothed: [50.0, 42.857142857142854, 33.333333333333336, 20.0],
      score: 34.57207846419409, smoothedScore: 34.57207846419409),
    GoldenBLEU(
      hypotheses: ["a c b d a c"], references: ["a b c d a b"],
      matches: [5, 1, 0, 0], totals: [6, 5, 4, 3], lengths: (6, 6),
      penalty: 1.0, smoothed: [83.33333333333333, 20.0, 12.5, 8.333333333333334],
      score: 0.0, smoothedScore: 20.412414523193146),
    GoldenBLEU(
      hypotheses: ["a b c d x y", "x"], references: ["a b c d e f g", ""],
      matches: [4, 3, 2, 1], totals: [7, 5, 4, 3], lengths: (7, 7),
      penalty: 1.0, smoothed: [57.142857142857146, 60.0, 50.0, 33.333333333333336],
      score: 48.89230224349013, smoothedScore: 48.89230224349013),
    GoldenBLEU(
      hypotheses: ["A b c d"], references: ["a b c d"],
      matches: [3, 2, 1, 0], totals: [4, 3, 2, 1], lengths: (4, 4),
      penalty: 1.0, smoothed: [75.0, 66.66666666666667, 50.0, 50.0],
      score: 0.0, smoothedScore: 59.460355750136046),
    GoldenBLEU(
      hypotheses: ["a a a a a"], references: ["a a b a a a"],
      matches: [5, 3, 1, 0], totals: [5, 4, 3, 2], lengths: (5, 6),
      penalty: 0.8187307530779819, smoothed: [100.0, 75.0, 33.333333333333336, 25.0],
      score: 0.0, smoothedScore: 40.93653765389909),
    GoldenBLEU(
      hypotheses: ["a b c x d e f"], references: ["a b c d e f"],
      matches: [6, 4, 2, 0], totals: [7, 6, 5, 4], lengths: (7, 6),
      penalty: 1.0, smoothed: [85.71428571428571, 66.66666666666667, 40.0, 12.5],
      score: 0.0, smoothedScore: 41.11336169005196),
    GoldenBLEU(
      hypotheses: ["", "a b c d e"], references: ["", "a b c d e"],
      matches: [5, 4, 3, 2], totals: [5, 4, 3, 2], lengths: (5, 5),
      penalty: 1.0, smoothed: [100.0, 100.0, 100.0, 100.0],
      score: 100.00000000000004, smoothedScore: 100.00000000000004),
    GoldenBLEU(
      hypotheses: ["a b", "a b", "a b", "c d e f g"],
      references: ["a b x", "a b x", "a b x", "c d e f h"],
      matches: [10, 6, 2, 1], totals: [11, 7, 3, 2], lengths: (11, 14),
      penalty: 0.7613003866968737,
      smoothed: [90.9090909090909, 85.71428571428571, 66.66666666666667, 50.0],
      score: 54.348913696681315, smoothedScore: 54.348913696681315),
  ]
}
