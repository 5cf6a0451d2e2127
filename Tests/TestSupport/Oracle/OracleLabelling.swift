/// Connectionist temporal classification that looks at every alignment by itself: K^T of them,
/// class 0 the blank.
enum OracleLabelling {
  /// −log of the sum of the probabilities of all alignments that leave `labels`.
  static func loss<Scalar: OracleScalar>(_ outputs: [[Scalar]], _ labels: [Int]) -> Scalar {
    let rows = outputs.map { $0.softmax() }
    var sum: Scalar = 0.0
    for path in paths(rows.count, classes: rows[0].count) where collapsed(path) == labels {
      sum = sum + zip(rows, path).reduce(1.0) { $0 * $1.0[$1.1] }
    }
    return 0.0 - sum.logarithm()
  }

  /// The probability of every labelling that some alignment leaves.
  static func probabilities(_ outputs: [[Double]]) -> [[Int]: Double] {
    let rows = outputs.map { $0.softmax() }
    var result: [[Int]: Double] = [:]
    for path in paths(rows.count, classes: rows[0].count) {
      result[collapsed(path), default: 0] += zip(rows, path).reduce(1.0) { $0 * $1.0[$1.1] }
    }
    return result
  }

  /// Runs of equal classes are one, and then blanks are none.
  static func collapsed(_ path: [Int]) -> [Int] {
    path.indices.filter { path[$0] != 0 && ($0 == 0 || path[$0] != path[$0 - 1]) }.map { path[$0] }
  }

  private static func paths(_ steps: Int, classes: Int) -> [[Int]] {
    (0..<steps).reduce([[]]) { paths, _ in
      paths.flatMap { path in (0..<classes).map { path + [$0] } }
    }
  }
}
