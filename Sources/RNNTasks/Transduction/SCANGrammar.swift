/// The commands of SCAN and the actions that they mean (Lake and Baroni, 2018, "Generalization
/// without systematicity", supplement).
///
///     C → S and S | S after S | S
///     S → V twice | V thrice | V
///     V → D₁ opposite D₂ | D₁ around D₂ | D | U,   D → D₁ D₂,   D₁ → U | turn
///     U → walk | look | run | jump,   D₂ → left | right
///
/// "u left" means to turn left and do u, "u opposite left" to turn left twice and do u, "u around
/// left" four times to turn left and do u; "turn" does nothing after its turns. "x and y" is x,
/// then y; "x after y" is y, then x. There are 20,910 commands.
public enum SCANGrammar {
  private static let verbs = ["walk", "look", "run", "jump"]
  private static let directions = ["left", "right"]
  private static let repetitions: KeyValuePairs = ["twice": 2, "thrice": 3]

  /// The words of commands.
  public static let words = Vocabulary(
    verbs + ["turn"] + directions + ["opposite", "around"] + repetitions.map(\.key)
      + ["and", "after"])
  /// The names of actions, such as I_JUMP and I_TURN_LEFT.
  public static let actions = Vocabulary(verbs.map(action) + directions.map(turn))

  /// All commands.
  public static let commands: [[String]] = {
    let simple = verbs.map { [$0] }
    let directed = (verbs + ["turn"]).flatMap { verb in
      directions.flatMap { [[verb, $0], [verb, "opposite", $0], [verb, "around", $0]] }
    }
    let single = (simple + directed).flatMap { phrase in
      [phrase] + repetitions.map { phrase + [$0.key] }
    }
    let joined = single.flatMap { first in
      ["and", "after"].flatMap { word in single.map { first + [word] + $0 } }
    }
    return single + joined
  }()

  /// What a command means, nil for what is none.
  public static func actions(for command: [String]) -> [String]? {
    if let joint = command.firstIndex(where: { $0 == "and" || $0 == "after" }) {
      guard let first = repeated(command[..<joint]), let second = repeated(command[(joint + 1)...])
      else { return nil }
      return command[joint] == "and" ? first + second : second + first
    }
    return repeated(command[...])
  }

  /// All commands with their actions as ids of ``words`` and ``actions``.
  static let pairs: [TransductionPair] = commands.map { command in
    guard let meaning = actions(for: command) else {
      preconditionFailure("each command has a meaning")
    }
    return TransductionPair(source: command.map(words.id), target: meaning.map(actions.id))
  }

  /// S
  private static func repeated(_ words: ArraySlice<String>) -> [String]? {
    guard let times = repetitions.first(where: { $0.key == words.last })?.value else {
      return directed(words)
    }
    return directed(words.dropLast()).map { phrase in
      (0..<times).flatMap { _ in phrase }
    }
  }

  /// V
  private static func directed(_ words: ArraySlice<String>) -> [String]? {
    guard let verb = words.first, verb == "turn" || verbs.contains(verb) else { return nil }
    let deed = verb == "turn" ? [] : [action(verb)]
    if words.count == 1 { return deed.isEmpty ? nil : deed }
    guard let direction = words.last, directions.contains(direction) else { return nil }
    let turn = turn(direction)
    switch words.dropFirst().dropLast() {
    case []: return [turn] + deed
    case ["opposite"]: return [turn, turn] + deed
    case ["around"]: return (0..<4).flatMap { _ in [turn] + deed }
    default: return nil
    }
  }

  private static func action(_ verb: String) -> String { "I_\(verb.uppercased())" }
  private static func turn(_ direction: String) -> String { "I_TURN_\(direction.uppercased())" }
}
