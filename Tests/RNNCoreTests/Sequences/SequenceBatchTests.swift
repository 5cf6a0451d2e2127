import Testing

@testable import RNNCore

@Suite("A batch packs examples in the order of its layout")
struct SequenceBatchTests {
  private static func tokens(_ ids: Int32...) -> Example.Input { .tokens(ids) }

  @Test("Tokens and classes of every step are packed alike")
  func tokensPerStep() throws {
    let batch = try SequenceBatch([
      Example(input: .tokens([1, 2]), target: .classPerStep([11, 12])),
      Example(input: .tokens([3, 4, 5]), target: .classPerStep([13, -1, 15])),
    ])
    #expect(batch.layout.order == [1, 0])
    #expect(batch.answer == .everyStep)
    guard case .tokens(let ids) = batch.content, case .classes(let classes)? = batch.targets else {
      Issue.record("another kind of content")
      return
    }
    #expect(ids == [3, 1, 4, 2, 5])
    #expect(classes == [13, 11, -1, 12, 15])
  }

  @Test("Features and values of every step are packed row by row")
  func featuresPerStep() throws {
    let batch = try SequenceBatch([
      Example(input: .features([1, 2], width: 2), target: .valuesPerStep([9])),
      Example(input: .features([3, 4, 5, 6], width: 2), target: .valuesPerStep([7, 8])),
    ])
    #expect(batch.answer == .everyStep)
    guard case .features(let rows, width: 2) = batch.content,
      case .values(let values, width: 1)? = batch.targets
    else {
      Issue.record("another kind of content")
      return
    }
    #expect(rows == [3, 4, 1, 2, 5, 6])
    #expect(values == [7, 9, 8])
  }

  @Test("Targets at the end are packed longest sequence first")
  func atEnd() throws {
    let inputs = [Self.tokens(1), Self.tokens(2, 3), Self.tokens(4, 5, 6)]
    let classes = try SequenceBatch(
      zip(inputs, [7, 8, 9]).map { Example(input: $0, target: .classAtEnd($1)) })
    #expect(classes.answer == .atEnd)
    if case .classes(let ids)? = classes.targets { #expect(ids == [9, 8, 7]) }
    let values = try SequenceBatch(
      zip(inputs, [7, 8, 9]).map { Example(input: $0, target: .valuesAtEnd([$1, -$1])) })
    #expect(values.answer == .atEnd)
    guard case .values(let rows, width: 2)? = values.targets else {
      Issue.record("another kind of target")
      return
    }
    #expect(rows == [9, -9, 8, -8, 7, -7])
  }

  @Test("Inputs alone make a batch without targets")
  func inputsOnly() throws {
    let batch = try SequenceBatch(inputs: [Self.tokens(1), Self.tokens(2, 3)], answer: .atEnd)
    #expect(batch.targets == nil)
    #expect(batch.answer == .atEnd)
    guard case .tokens(let ids) = batch.content else {
      Issue.record("another kind of content")
      return
    }
    #expect(ids == [2, 1, 3])
  }

  private static let one = tokens(1)
  private static let features = Example.Input.features([1, 2], width: 1)

  static let wrong: [([Example], RNNError.Kind, String)] = [
    ([], .empty, "batch"),
    ([Example(input: .tokens([]), target: .classAtEnd(0))], .empty, "length of sequence 0"),
    (
      [Example(input: .features([1], width: 0), target: .classAtEnd(0))], .empty,
      "length of sequence 0"
    ),
    (
      [Example(input: .features([1], width: -1), target: .classAtEnd(0))], .empty,
      "length of sequence 0"
    ),
    (
      [
        Example(input: one, target: .classAtEnd(0)),
        Example(input: features, target: .classAtEnd(0)),
      ],
      .shape, "input of sequence 1"
    ),
    (
      [
        Example(input: features, target: .classAtEnd(0)),
        Example(input: one, target: .classAtEnd(0)),
      ],
      .shape, "input of sequence 1"
    ),
    (
      [
        Example(input: features, target: .classAtEnd(0)),
        Example(input: .features([1, 2], width: 2), target: .classAtEnd(0)),
      ], .shape, "input of sequence 1"
    ),
    (
      [Example(input: .features([1, 2, 3], width: 2), target: .classAtEnd(0))], .shape,
      "input of sequence 0"
    ),
    (
      [Example(input: .features([1, .nan], width: 2), target: .classAtEnd(0))], .nonFinite,
      "input of sequence 0"
    ),
    ([Example(input: one, target: .classPerStep([1, 2]))], .shape, "target of sequence 0"),
    ([Example(input: one, target: .valuesPerStep([]))], .shape, "target of sequence 0"),
    (
      [Example(input: features, target: .valuesPerStep([1, 2, 3]))], .shape, "target of sequence 0"
    ),
    (
      [Example(input: one, target: .valuesPerStep([.infinity]))], .nonFinite, "target of sequence 0"
    ),
    ([Example(input: one, target: .valuesAtEnd([]))], .shape, "target of sequence 0"),
    ([Example(input: one, target: .valuesAtEnd([-.infinity]))], .nonFinite, "target of sequence 0"),
    (
      [
        Example(input: one, target: .valuesAtEnd([1])),
        Example(input: one, target: .valuesAtEnd([1, 2])),
      ],
      .shape, "target of sequence 1"
    ),
  ]

  @Test("A wrong batch is refused with the place of the mistake", arguments: wrong)
  func errors(_ examples: [Example], _ kind: RNNError.Kind, _ argument: String) {
    let error = #expect(throws: RNNError.self) { _ = try SequenceBatch(examples) }
    #expect(error?.kind == kind)
    #expect(error?.argument == argument)
  }

  private static let targets: [Example.Target] = [
    .classPerStep([1]), .classAtEnd(1), .valuesPerStep([1]), .valuesAtEnd([1]),
  ]

  @Test("Two kinds of targets do not mix", arguments: targets, targets)
  func mixedTargets(_ first: Example.Target, _ second: Example.Target) throws {
    let examples = [first, second].map { Example(input: Self.one, target: $0) }
    guard first != second else {
      _ = try SequenceBatch(examples)
      return
    }
    let error = #expect(throws: RNNError.self) { _ = try SequenceBatch(examples) }
    #expect(error?.argument == "target of sequence 1")
  }
}
