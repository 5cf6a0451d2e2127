/// How brackets within words are written in trees, whose own brackets are round: as the Penn
/// treebank writes them.
enum TreebankBrackets {
  private static let round: [Unicode.Scalar: String] = ["(": "-LRB-", ")": "-RRB-"]
  private static let all = round.merging(
    ["[": "-LSB-", "]": "-RSB-", "{": "-LCB-", "}": "-RCB-"]
  ) { name, _ in name }

  /// A word or label without round brackets, which a tree can hold: `(` becomes `-LRB-`.
  static func withoutRound(_ text: String) -> String { replacing(round, in: text) }

  /// The same without square and curly brackets either.
  static func withoutAny(_ text: String) -> String { replacing(all, in: text) }

  private static func replacing(_ names: [Unicode.Scalar: String], in text: String) -> String {
    guard text.unicodeScalars.contains(where: { names[$0] != nil }) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if let name = names[scalar] { result += name } else { result.unicodeScalars.append(scalar) }
    }
  }
}
