import CRNN
import Foundation
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

  private func makeProfile(
    _ stack: StackCalls, dy: [Float]? = nil, dhn: [Float]? = nil, jacobians: Bool = false
  ) throws -> OpaquePointer {
    var batch = rnncore_batch(steps: Int64(steps), sequences: Int64(sequences), sizes: nil)
    var made: OpaquePointer?
    try check(
      rnncore_profile_create(
        stack.handle, &batch, x, nil, nil, dy, dhn, nil, nil, -1, jacobians, &made))
    return try #require(made)
  }

  private func json(
    _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> rnncore_status
  ) throws -> JSONText {
    var text: UnsafeMutablePointer<CChar>?
    try check(call(&text))
    let json = String(cString: try #require(text))
    rnncore_free(text)
    return try JSONText(parsing: Array(json.utf8), name: "profile")
  }

  private func profile(
    _ stack: StackCalls, dy: [Float]? = nil, dhn: [Float]? = nil, jacobians: Bool = false
  ) throws -> JSONText {
    let profile = try makeProfile(stack, dy: dy, dhn: dhn, jacobians: jacobians)
    defer { rnncore_profile_destroy(profile) }
    return try json { rnncore_profile_describe(profile, $0) }
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

  @Test(
    "A pass that is looked at on its way back has its gradients, and the profile taken apart",
    arguments: ["lstm", "gru", "elman"], [[5], [1, 3, 4]])
  func profiledBackward(_ cell: String, _ answers: [Int]) throws {
    let stack = try StackCalls(cell, layers: 2)
    let dy = gradient(at: answers, width: hidden)
    let apart = try profile(stack, dy: dy, jacobians: true)
    func pass() throws -> StackCalls.Pass {
      let result = try x.withUnsafeBufferPointer {
        try stack.forward(
          try #require($0.baseAddress), steps: steps, sequences: sequences, states: 2,
          recording: true)
      }
      return try #require(result.pass)
    }
    var dx = [Float](repeating: .nan, count: x.count)
    var expected = dx
    let plain = try pass()
    try check(
      rnncore_backward(plain.handle, x, dy, nil, nil, &expected, nil, nil, nil, 0))
    let gradients = try stack.own(gradients: true)
    try check(rnncore_stack_make_parameters(stack.handle, 3))

    let looked = try pass()
    var made: OpaquePointer?
    try check(
      rnncore_backward_profiled(
        looked.handle, x, nil, nil, dy, nil, nil, &dx, nil, nil, nil, nil, -1, true, &made))
    let profile = try #require(made)
    defer { rnncore_profile_destroy(profile) }
    #expect(dx == expected)
    #expect(try stack.own(gradients: true) == gradients)
    #expect(try json { rnncore_profile_describe(profile, $0) } == apart)

    // It has gone back.
    #expect(
      rnncore_backward_profiled(
        looked.handle, x, nil, nil, dy, nil, nil, nil, nil, nil, nil, nil, -1, false, &made)
        == RNNCORE_UNSUPPORTED)
    #expect(made == nil)
    // A place that is missing is said before anything is done.
    let other = try pass()
    let places = [UnsafeMutablePointer<Float>?](repeating: nil, count: stack.parameterCount)
    #expect(
      rnncore_backward_profiled(
        other.handle, x, nil, nil, dy, nil, nil, nil, nil, nil, places, nil, -1, false, &made)
        == RNNCORE_SHAPE)
    try check(rnncore_backward(other.handle, x, dy, nil, nil, nil, nil, nil, nil, 0))
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

  @Test("Jacobians are those of the engine's state", arguments: ["elman", "gru", "lstm"])
  func jacobians(_ cell: String) throws {
    let stack = try StackCalls(cell, layers: 2)
    defer { withExtendedLifetime(stack) {} }
    var batch = rnncore_batch(steps: Int64(steps), sequences: Int64(sequences), sizes: nil)
    let alone = try json {
      rnncore_stack_jacobians(stack.handle, &batch, x, nil, nil, nil, 0, $0)
    }
    let profiled = try profile(
      stack, dy: gradient(at: [5], width: hidden), jacobians: true)["jacobians"]
    #expect(profiled == alone)

    // The same sequence through an engine with the same parameters.
    let engine = try RecurrentEngine(
      RecurrentConfiguration(
        cell: CellKind(cell), inputSize: 5, hiddenSize: hidden, layers: 2), seed: 3)
    engine.prepare(try SequenceLayout(lengths: [steps]))
    try engine.input.set(
      to: (0..<steps).flatMap { step in x[step * sequences * 5..<step * sequences * 5 + 5] })
    var state = engine.zeroState(sequences: 1)
    _ = try engine.forward(&state)
    for layer in 0..<2 {
      let map = try StateMap(engine.network, layer: layer, parameters: engine.parameters)
      let expected = try LyapunovSpectrum.driven(
        along: engine.network.trajectory(of: engine.tape, sequence: 0, layer: layer), map: map)
      let found = try #require(alone.elements[layer]["lyapunov"]?.numbers)
      #expect(found.count == map.stateSize)
      // The recurrent products of one row and of three round apart.
      for (found, expected) in zip(found, expected.exponents) {
        #expect(abs(found - expected) < 1e-4, "\(found) \(expected)")
      }
    }
    #expect(
      rnncore_stack_jacobians(stack.handle, &batch, x, nil, nil, nil, 0, nil) == RNNCORE_SHAPE)
    var text: UnsafeMutablePointer<CChar>?
    #expect(
      rnncore_stack_jacobians(stack.handle, &batch, x, nil, nil, nil, 3, &text) == RNNCORE_RANGE)
  }

  @Test("A report has verdicts and figures of all stacks, and their course over training")
  func report() throws {
    let (encoder, decoder) = (try StackCalls("gru", layers: 2), try StackCalls("elman"))
    let dy = gradient(at: [5], width: hidden)
    let profiles = try [encoder, decoder, encoder].map {
      try makeProfile($0, dy: dy, jacobians: true)
    }
    defer { for profile in profiles { rnncore_profile_destroy(profile) } }
    let path = FileManager.default.temporaryDirectory.path + "/report-\(getpid()).html"
    defer { unlink(path) }
    try "encoder".withCString { encoder in
      try "decoder".withCString { decoder in
        let looks = [
          rnncore_look(profile: profiles[0], model: encoder, step: 50),
          rnncore_look(profile: profiles[1], model: decoder, step: 50),
          rnncore_look(profile: profiles[2], model: encoder, step: 0),
        ]
        try check(rnncore_report_write(looks, 3, "A test.", path))
        #expect(rnncore_report_write(looks, 0, nil, path) == RNNCORE_EMPTY)
        #expect(rnncore_report_write(looks, 3, nil, "/nowhere/report.html") == RNNCORE_FILE)
      }
    }
    #expect(rnncore_report_write([rnncore_look()], 1, nil, path) == RNNCORE_SHAPE)
    let page = try String(contentsOfFile: path, encoding: .utf8)
    for text in [
      "A test.", "encoder.l1", "decoder.l0", "from training step 0 to 50", "Lyapunov spectrum",
      "Gradient that arrives, step 50", "Gradient that arrives, first", "What training changes",
      "Generated with rnncore",
    ] {
      #expect(page.contains(text), "\(text)")
    }
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
