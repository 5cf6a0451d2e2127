import RNNCore

/// Texts numbered from 0 in order of first appearance, so that data can be kept as numbers.
struct TokenTable: Sendable {
  /// By number.
  private(set) var tokens: [String] = []
  private var ids: [ExactText: Int32] = [:]

  /// The number of a text, a new one for a text that has none.
  mutating func id(of token: String) -> Int32 {
    if let id = ids[ExactText(token)] { return id }
    let id = Int32(tokens.count)
    ids[ExactText(token)] = id
    tokens.append(token)
    return id
  }

  /// The texts of numbers.
  func tokens(of ids: some Sequence<Int32>) -> [String] { ids.map { tokens[Int($0)] } }

  /// The vocabulary of numbers that come at least `minimumCount` times, in order of first
  /// appearance, without ``TextEncoding/unknownWord``; and whether it leaves some out.
  ///
  /// Throws `.vocabulary` where none comes so often.
  func vocabulary(
    of ids: some Sequence<Int32>, minimumCount: Int
  ) throws(RNNError) -> (known: Vocabulary<String>, leavesOut: Bool) {
    var counts = [Int](repeating: 0, count: tokens.count)
    var order: [Int] = []
    for id in ids {
      if counts[Int(id)] == 0 { order.append(Int(id)) }
      counts[Int(id)] += 1
    }
    let known = order.filter {
      counts[$0] >= minimumCount && tokens[$0] != TextEncoding.unknownWord
    }
    let vocabulary = Vocabulary(known.map { tokens[$0] })
    try vocabulary.requireKnown(minimumCount: minimumCount, mostFrequent: counts.max())
    return (vocabulary, known.count < order.count)
  }
}
