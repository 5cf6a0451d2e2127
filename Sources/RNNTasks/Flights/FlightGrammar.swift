import RNNCore

/// Draws flight queries: an opening, one to three clauses of different roles in any order, and at
/// times an ending.
struct FlightGrammar: Sendable {
  /// The rules and ids that depend on a clause's role.
  private struct Clause: Sendable {
    let base: Int
    let gerund: Int
    let link: Int
    /// The id of the B- tag by rule, as ``PhraseGrammar`` wants it.
    let beginTags: [Int32]
  }

  /// Compiled once; drawing does not change it.
  static let shared = FlightGrammar()

  let phrases = PhraseGrammar(FlightRules.rules)
  /// Tag names by id: O, then B- and I- of each slot type.
  let tags: [String]
  private let clauses: [Clause]
  private let openings: (base: Int, gerund: Int)
  private let ending: Int

  private static let words = 4...22
  private static let roleSlots = ["city", "date", "time", "period"]
  private static let freeSlots = ["airline", "class", "tickets"]

  private init() {
    let roles = FlightRole.allCases
    let types =
      roles.flatMap { role in Self.roleSlots.map { "\(role.rawValue).\($0)" } } + Self.freeSlots
    let phrases = phrases  // So that closures need not capture a half-made self.
    tags = ["O"] + types.flatMap { ["B-\($0)", "I-\($0)"] }
    openings = (phrases.rule("opening-base"), phrases.rule("opening-gerund"))
    ending = phrases.rule("ending")
    clauses = roles.map(\.rawValue).map { name in
      let beginTags = phrases.ruleNames.map { rule in
        let type = Self.roleSlots.contains(rule) ? "\(name).\(rule)" : rule
        return types.firstIndex(of: type).map { Int32(1 + 2 * $0) } ?? 0
      }
      return Clause(
        base: phrases.rule("\(name)-base"),
        gerund: phrases.rule("\(name)-gerund"),
        link: phrases.rule("\(name)-link"),
        beginTags: beginTags)
    }
  }

  /// A sentence of 4 to 22 words. A first clause that would be too long is drawn again, a later one
  /// left out.
  func makeSentence(using random: inout RandomGenerator) -> TaggedPhrase {
    var sentence = TaggedPhrase()
    let order = roleOrder(using: &random)
    let isGerund = random.integer(below: 2) == 0
    let first = clauses[order[0]]
    repeat {
      sentence.truncate(to: 0)
      expand(isGerund ? openings.gerund : openings.base, of: first, into: &sentence, &random)
      expand(isGerund ? first.gerund : first.base, of: first, into: &sentence, &random)
    } while !Self.words.contains(sentence.count)
    for role in order.dropFirst() {
      expandIfShort(clauses[role].link, of: clauses[role], into: &sentence, &random)
    }
    expandIfShort(ending, of: first, into: &sentence, &random)
    return sentence
  }

  /// One to three different roles; departures and arrivals are likelier than stops.
  private func roleOrder(using random: inout RandomGenerator) -> ArraySlice<Int> {
    var order = Array(clauses.indices)
    order.shuffle(using: &random)
    let stopsLast = random.integer(below: 2) == 0
    if stopsLast, let stop = order.firstIndex(of: clauses.count - 1) {
      order.append(order.remove(at: stop))
    }
    return order.prefix([1, 2, 2, 3][random.integer(below: 4)])
  }

  private func expandIfShort(
    _ rule: Int, of clause: Clause, into sentence: inout TaggedPhrase,
    _ random: inout RandomGenerator
  ) {
    let count = sentence.count
    expand(rule, of: clause, into: &sentence, &random)
    if sentence.count > Self.words.upperBound { sentence.truncate(to: count) }
  }

  private func expand(
    _ rule: Int, of clause: Clause, into sentence: inout TaggedPhrase,
    _ random: inout RandomGenerator
  ) {
    phrases.expand(rule, beginTags: clause.beginTags, into: &sentence, using: &random)
  }
}
