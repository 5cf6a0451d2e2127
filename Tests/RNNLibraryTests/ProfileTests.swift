import CRNN
import RNNLibrary
import Testing

@testable import RNNCore

@Suite("A profile behind the C functions")
struct ProfileTests {
  private let steps = 6
  private let sequences = 3
  private let hidden = 13
  private let x: [Float]

  init() {
    var generator = RandomGenerator(seed: 1)
    x = (0..<6 * 3 * 5).map { _ in generator.uniform(-1, 1) }
  }

  /// dE/dY [T, B, output] with numbers at some steps.
  private func gradient(at steps: [Int], width: Int) -> [Float] {
    var generator = RandomGenerator(seed: 2)
    return (0..<self.steps).flatMap { step in
      (0..<sequences * width).map { _ in
        let number = generator.uniform(0.1, 1)
        return steps.contains(step) ? number : 0
      }
    }
  }

  private func profile(
    _ stack: StackCalls, dy: [Float]? = nil, dhn: [Float]? = nil, memoryNeeded: Int64 = -1
  ) throws -> JSONText {
    var batch = rnncore_batch(steps: Int64(steps), sequences: Int64(sequences), sizes: nil)
    var text: UnsafeMutablePointer<CChar>?
    try check(
      rnncore_profile(
        stack.handle, &batch, x, nil, nil, dy, dhn, nil, nil, memoryNeeded, &text))
    let json = String(cString: try #require(text))
    rnncore_free(text)
    return try JSONText(parsing: Array(json.utf8), name: "profile")
  }

  @Test("Norms are those of the gradients", arguments: ["elman", "gru", "lstm"])
  func norms(_ cell: String) throws {
    let stack = try StackCalls(cell)
    let dy = gradient(at: [5], width: hidden)
    let found = try profile(stack, dy: dy)
    let layer = try #require(found["layers"]?.elements.first)
    let byStep = try #require(layer["hidden"]?["byStep"]?.numbers)
    // At the last step nothing has come from later ones.
    let last = dy.suffix(sequences * hidden).reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(byStep[5] - last.squareRoot()) < 1e-9)
    #expect(layer["hidden"]?["byDistance"]?.numbers == byStep.reversed())
    #expect(found["lastAnswer"] == .null)

    // Those of the parameters are the pass's own.
    let pass = try x.withUnsafeBufferPointer {
      try stack.forward(
        try #require($0.baseAddress), steps: steps, sequences: sequences, states: 1,
        recording: true)
    }.pass
    try check(
      rnncore_backward(
        try #require(pass).handle, x, dy, nil, nil, nil, nil, nil, nil, 0))
    let norms = try #require(found["parameters"]).elements.map { $0["gradientNorm"]?.number }
    let gradients = try stack.own(gradients: true)
    let squares = gradients.reduce(0.0) { $0 + Double($1) * Double($1) }
    let sum = norms.reduce(0.0) { $0 + ($1 ?? .nan) * ($1 ?? .nan) }
    #expect(abs(sum.squareRoot() / squares.squareRoot() - 1) < 1e-6)
  }

  @Test("With answers at several steps the last ones are looked at alone")
  func severalAnswers() throws {
    let stack = try StackCalls("gru", layers: 2)
    let all = try profile(stack, dy: gradient(at: [1, 3, 4], width: hidden))
    let alone = try profile(stack, dy: gradient(at: [4], width: hidden))
    #expect(all["lastAnswer"] == alone["layers"])
    #expect(all["layers"] != alone["layers"])
    #expect(all["verdicts"] == alone["verdicts"])
    #expect(alone["verdicts"]?.elements.count == 2)
  }

  @Test("Of a bidirectional layer each direction is judged from the answer on, as it reads")
  func directions() throws {
    let stack = try StackCalls("lstm", directions: RNNCORE_BIDIRECTIONAL)
    let found = try profile(stack, dy: gradient(at: [5], width: 2 * hidden))
    let lengths = try #require(found["layers"]).elements.map {
      $0["cell"]?["byDistance"]?.numbers.count
    }
    // The reverse direction has read one step when it answers at the last.
    #expect(lengths == [6, 1])
    let kinds = try #require(found["verdicts"]).elements.compactMap { $0["kind"]?.string }
    #expect(!kinds.contains("masked") && !kinds.contains("silent"))
  }

  @Test("A gradient of final states comes from each direction's end")
  func finalStates() throws {
    let stack = try StackCalls("gru", directions: RNNCORE_BIDIRECTIONAL)
    let dhn = [Float](repeating: 0.5, count: 2 * sequences * hidden)
    let found = try profile(stack, dhn: dhn)
    for layer in try #require(found["layers"]).elements {
      let norms = try #require(layer["hidden"]?["byDistance"]?.numbers)
      #expect(norms.count == 6)
      #expect(abs(norms[0] - 0.5 * Double(sequences * hidden).squareRoot()) < 1e-9)
    }
    // Nothing at all is silent.
    let silent = try profile(stack)
    #expect(silent["verdicts"]?.elements.allSatisfy { $0["kind"]?.string == "silent" } == true)
  }
}

extension JSONText {
  fileprivate subscript(name: String) -> JSONText? {
    if case .object(let members) = self { members.first { $0.name == name }?.value } else { nil }
  }
  fileprivate var elements: [JSONText] { if case .array(let values) = self { values } else { [] } }
  fileprivate var number: Double? { if case .number(let text) = self { Double(text) } else { nil } }
  fileprivate var numbers: [Double] { elements.compactMap(\.number) }
  fileprivate var string: String? { if case .string(let text) = self { text } else { nil } }
}
