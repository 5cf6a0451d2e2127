import RNNCore

/// A context-free grammar that draws phrases, compiled to word ids so that drawing touches no text.
///
/// Each rule has alternatives, all equally likely (repeat one to favour it; "" yields nothing).
/// Within an alternative `<rule>` expands another rule, and `{rule}` expands it as a slot: its
/// first word is tagged B-, the others I-. Every other word stands for itself.
struct PhraseGrammar: Sendable {
  private enum Piece: Sendable {
    case word(Int32)
    case phrase(Int)
    case slot(Int)
  }

  let words: Vocabulary<String>
  /// Rule names by number.
  let ruleNames: [String]
  /// [rule][alternative][piece].
  private let rules: [[[Piece]]]

  init(_ source: KeyValuePairs<String, [String]>) {
    let names = Vocabulary(source.map(\.key))
    precondition(names.count == source.count, "two rules share a name")
    let parts = source.map { $0.value.map { $0.split(separator: " ").map(String.init) } }
    let vocabulary = Vocabulary(
      parts.joined().joined().filter { !$0.hasPrefix("<") && !$0.hasPrefix("{") })
    func rule(_ part: String) -> Int {
      guard let id = names.knownID(of: String(part.dropFirst().dropLast())) else {
        preconditionFailure("the grammar has no rule for \(part)")
      }
      return Int(id)
    }
    words = vocabulary
    ruleNames = names.symbols
    rules = parts.map { alternatives in
      alternatives.map { alternative in
        alternative.map { part in
          switch part.first {
          case "<": .phrase(rule(part))
          case "{": .slot(rule(part))
          default: .word(vocabulary.id(of: part))
          }
        }
      }
    }
  }

  /// The number of a rule that must exist.
  func rule(_ name: String) -> Int {
    guard let number = ruleNames.firstIndex(of: name) else {
      preconditionFailure("the grammar has no rule \(name)")
    }
    return number
  }

  /// Appends a phrase drawn from `rule`. `beginTags` has the id of the B- tag of each rule that
  /// is used as a slot; the id after it is the I- tag, and 0 is O.
  func expand(
    _ rule: Int, beginTags: [Int32], into phrase: inout TaggedPhrase,
    using random: inout RandomGenerator
  ) {
    let alternatives = rules[rule]
    for piece in alternatives[random.integer(below: alternatives.count)] {
      switch piece {
      case .word(let id): phrase.append(id)
      case .phrase(let inner): expand(inner, beginTags: beginTags, into: &phrase, using: &random)
      case .slot(let inner):
        let start = phrase.count
        expand(inner, beginTags: beginTags, into: &phrase, using: &random)
        phrase.mark(from: start, begin: beginTags[inner])
      }
    }
  }
}
