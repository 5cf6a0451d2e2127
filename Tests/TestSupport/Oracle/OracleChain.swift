/// A linear-chain conditional random field that looks at every path by itself: K^T of them.
struct OracleChain<Scalar: OracleScalar> {
  /// [from][to]
  var transitions: [[Scalar]]
  var start: [Scalar]
  var end: [Scalar]

  init(transitions: [[Scalar]], start: [Scalar], end: [Scalar]) {
    (self.transitions, self.start, self.end) = (transitions, start, end)
  }

  init(_ parameters: [String: [Scalar]]) {
    start = parameters["crf.start_transitions"] ?? []
    end = parameters["crf.end_transitions"] ?? []
    let (count, flat) = (start.count, parameters["crf.transitions"] ?? [])
    transitions = (0..<count).map { Array(flat[$0 * count..<($0 + 1) * count]) }
  }

  func score(_ emissions: [[Scalar]], _ path: [Int]) -> Scalar {
    var sum = start[path[0]] + end[path[path.count - 1]]
    for (row, chosen) in zip(emissions, path) { sum = sum + row[chosen] }
    for (before, after) in zip(path, path.dropFirst()) { sum = sum + transitions[before][after] }
    return sum
  }

  /// −log of the path's share.
  func loss(_ emissions: [[Scalar]], _ path: [Int]) -> Scalar {
    let scores = paths(emissions.count).map { score(emissions, $0) }
    let top = Scalar(scores.map(\.value).max() ?? 0)
    let total = scores.map { ($0 - top).exponential() }.reduce(0.0, +)
    return top + total.logarithm() - score(emissions, path)
  }

  /// All sequences of `count` classes.
  func paths(_ count: Int) -> [[Int]] {
    (0..<count).reduce([[]]) { paths, _ in
      paths.flatMap { path in start.indices.map { path + [$0] } }
    }
  }
}
