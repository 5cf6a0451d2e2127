import Testing

@testable import RNNTasks

@Suite("SCAN")
struct SCANGrammarTests {
  /// Lines of the published data (github.com/brendenlake/SCAN, tasks_test_addprim_turn_left.txt and
  /// the table of its README), L and R being turns.
  @Test(
    "Commands mean what the published data says",
    arguments: [
      ("jump", "JUMP"),
      ("jump left", "L JUMP"),
      ("jump around right", "R JUMP R JUMP R JUMP R JUMP"),
      ("turn left twice", "L L"),
      ("jump thrice", "JUMP JUMP JUMP"),
      ("jump opposite left and walk thrice", "L L JUMP WALK WALK WALK"),
      (
        "jump opposite left after walk around left",
        "L WALK L WALK L WALK L WALK L L JUMP"
      ),
      ("turn left after jump twice", "JUMP JUMP L"),
      ("turn left twice after look opposite left twice", "L L LOOK L L LOOK L L"),
      ("run right thrice and turn left thrice", "R RUN R RUN R RUN L L L"),
      ("turn opposite left thrice and turn left thrice", "L L L L L L L L L"),
      ("look around right after turn left thrice", "L L L R LOOK R LOOK R LOOK R LOOK"),
      ("turn around left twice and turn left twice", "L L L L L L L L L L"),
      ("turn left after turn opposite right twice", "R R R R L"),
    ])
  func published(command: String, actions: String) {
    let expected = actions.split(separator: " ").map { name in
      switch name {
      case "L": "I_TURN_LEFT"
      case "R": "I_TURN_RIGHT"
      default: "I_\(name)"
      }
    }
    #expect(SCANGrammar.actions(for: command.words) == expected)
  }

  @Test("There are 20,910 different commands of 13 words, with up to 48 of 6 actions")
  func commands() {
    #expect(Set(SCANGrammar.commands).count == 20_910 && SCANGrammar.commands.count == 20_910)
    #expect(SCANGrammar.words.count == 13 && SCANGrammar.actions.count == 6)
    let pairs = SCANGrammar.pairs
    #expect(pairs.map(\.source.count).max() == 9 && pairs.map(\.target.count).max() == 48)
    #expect(pairs.flatMap(\.source).allSatisfy { $0 < 13 })
    #expect(pairs.flatMap(\.target).allSatisfy { $0 < 6 })
  }

  @Test(
    "What is no command means nothing",
    arguments: [
      "", "turn", "left", "twice", "turn twice", "jump twice twice", "jump opposite", "fly",
      "jump left right", "jump and", "and jump", "jump and run and walk", "jump beside left",
    ])
  func invalid(command: String) {
    #expect(SCANGrammar.actions(for: command.words) == nil)
  }
}
