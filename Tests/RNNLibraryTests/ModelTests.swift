import CRNN
import RNNLibrary
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A model behind the C functions")
struct ModelTests {
  struct Case: Sendable, CustomStringConvertible {
    var configuration: ModelConfiguration
    var description: String { configuration.json }

    static let all = [
      Case(
        configuration: ModelConfiguration(
          input: .features(width: 3), body: .recurrent(.gru()), hiddenSize: 8, outputs: 4,
          answer: .atEnd)),
      Case(
        configuration: ModelConfiguration(
          input: .tokens(vocabulary: 9, embedding: 5),
          body: .recurrent(.lstm(), layers: 2, directions: .concatenated), hiddenSize: 6,
          outputs: 4, dropout: 0.3)),
      Case(
        configuration: ModelConfiguration(
          input: .tokens(vocabulary: 9, embedding: 5), body: .recurrent(.lstm()), hiddenSize: 6,
          outputs: 4, loss: .conditionalRandomField)),
      Case(
        configuration: ModelConfiguration(
          input: .features(width: 3), body: .recurrent(.elman(.tanh)), hiddenSize: 8, outputs: 2,
          loss: .meanSquaredError)),
      Case(
        configuration: ModelConfiguration(
          input: .features(width: 3), body: .recurrent(.gru()), hiddenSize: 8, outputs: 2,
          loss: .bernoulliCrossEntropy, answer: .atEnd)),
    ]
  }

  private static let lengths: [Int64] = [4, 7, 2]

  /// Examples as arrays, kept alive for the library.
  private struct Data {
    var tokens: [Int32] = []
    var features: [Float] = []
    var classes: [Int32] = []
    var values: [Float] = []

    init(_ configuration: ModelConfiguration, seed: UInt64) {
      var generator = RandomGenerator(seed: seed)
      let steps = Int(lengths.reduce(0, +))
      let answers = configuration.answer == .atEnd ? lengths.count : steps
      tokens = (0..<steps).map { _ in Int32.random(in: 0..<9, using: &generator) }
      features = (0..<3 * steps).map { _ in generator.uniform(-1, 1) }
      classes = (0..<answers).map { _ in Int32.random(in: 0..<4, using: &generator) }
      values = (0..<2 * answers).map { _ in generator.uniform(0, 1) }
    }

    func call(_ body: (UnsafePointer<rnncore_examples>) -> rnncore_status) throws {
      try check(
        lengths.withUnsafeBufferPointer { lengths in
          tokens.withUnsafeBufferPointer { tokens in
            features.withUnsafeBufferPointer { features in
              classes.withUnsafeBufferPointer { classes in
                values.withUnsafeBufferPointer { values in
                  var examples = rnncore_examples(
                    count: Int64(lengths.count), lengths: lengths.baseAddress,
                    tokens: tokens.baseAddress, features: features.baseAddress,
                    classes: classes.baseAddress, values: values.baseAddress)
                  return body(&examples)
                }
              }
            }
          }
        })
    }

    /// The same for the engine.
    func examples(_ configuration: ModelConfiguration) -> [Example] {
      let (atEnd, hasValues) = (configuration.answer == .atEnd, configuration.outputs == 2)
      var (first, result): (Int, [Example]) = (0, [])
      for (index, length) in lengths.map(Int.init).enumerated() {
        let steps = first..<first + length
        let answers = atEnd ? index..<index + 1 : steps
        let input: Example.Input =
          if case .tokens = configuration.input { .tokens(Array(tokens[steps])) } else {
            .features(Array(features[steps.lowerBound * 3..<steps.upperBound * 3]), width: 3)
          }
        let numbers = Array(values[answers.lowerBound * 2..<answers.upperBound * 2])
        let ids = Array(classes[answers])
        let target: Example.Target =
          hasValues
          ? (atEnd ? .valuesAtEnd(numbers) : .valuesPerStep(numbers))
          : (atEnd ? .classAtEnd(ids[0]) : .classPerStep(ids))
        result.append(Example(input: input, target: target))
        first += length
      }
      return result
    }
  }

  private func make(_ configuration: String) throws -> OpaquePointer {
    var model: OpaquePointer?
    try check(rnncore_model_create(configuration, 3, 0, &model))
    return try #require(model)
  }

  private func outputs(_ model: OpaquePointer, _ data: Data, _ example: Case) throws -> [Float] {
    let answers = data.classes.count
    var numbers = [Float](repeating: .nan, count: answers * example.configuration.outputs)
    try data.call { rnncore_model_predict(model, $0, nil, &numbers) }
    return numbers
  }

  @Test("Training gives the engine's bits, and a file the same predictions", arguments: Case.all)
  func training(_ example: Case) throws {
    let configuration = example.configuration
    let model = try make(configuration.json)
    defer { rnncore_model_destroy(model) }
    let own = try SequenceModel(configuration, seed: 3)
    let trainer = try Trainer(own, rule: .adam(), rate: 0.01, clipping: .globalNorm(1), seed: 7)
    var handle: OpaquePointer?
    try check(
      rnncore_trainer_create(
        model, "adam", 0.01, -1, rnncore_clipping(RNNCORE_CLIP_NORM), 1, 7, &handle))
    defer { rnncore_trainer_destroy(handle) }
    for seed in 0..<4 {
      let data = Data(configuration, seed: UInt64(seed))
      let report = try trainer.step(SequenceBatch(data.examples(configuration)))
      var (loss, norm) = (0.0, 0.0)
      try data.call { rnncore_trainer_step(handle, $0, &loss, &norm) }
      #expect(loss == report.loss)
      #expect(norm == report.clip?.norm)
    }
    let data = Data(configuration, seed: 9)
    let examples = data.examples(configuration)
    var loss = 0.0
    try data.call { rnncore_model_loss(model, $0, &loss) }
    #expect(loss == (try own.loss(for: SequenceBatch(examples), pass: own.makePass()).value))
    let numbers = try outputs(model, data, example)
    let inputs = examples.map(\.input)
    if configuration.loss == .meanSquaredError {
      let expected = try own.predictions(for: inputs).flatMap { prediction -> [Float] in
        if case .values(let values) = prediction.answers { values } else { [] }
      }
      #expect(expected == numbers)
    } else {
      let expected = try own.predictionsAndProbabilities(for: inputs).probabilities
      #expect(expected.flatMap { $0 } == numbers)
    }

    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("model.safetensors")
    try check(rnncore_model_save(model, path, #"{"classes": "a,b"}"#))
    var loaded: OpaquePointer?
    try check(rnncore_model_load(path, 1, &loaded))
    defer { rnncore_model_destroy(loaded) }
    #expect(try outputs(try #require(loaded), data, example) == numbers)
    var text: UnsafeMutablePointer<CChar>?
    try check(rnncore_model_describe(loaded, &text))
    let json = String(cString: try #require(text))
    rnncore_free(text)
    #expect(json.contains(#""metadata":{"classes":"a,b"}"#))
  }

  @Test("Models and examples that cannot be are refused")
  func refused() throws {
    func status(_ configuration: String?) -> rnncore_status {
      var model: OpaquePointer? = OpaquePointer(bitPattern: 8)
      let status = rnncore_model_create(configuration, 1, 0, &model)
      #expect((model == nil) == (status != RNNCORE_OK))
      if status == RNNCORE_OK { rnncore_model_destroy(model) }
      return status
    }
    let configuration = Case.all[0].configuration
    #expect(status(configuration.json) == RNNCORE_OK)
    #expect(status(nil) == RNNCORE_SHAPE)
    #expect(status("{") == RNNCORE_FORMAT)
    #expect(status(#"{"input": "features"}"#) == RNNCORE_FORMAT)
    var missing: OpaquePointer?
    #expect(rnncore_model_load("/no/such/file", 0, &missing) == RNNCORE_FILE)
    let model = try make(configuration.json)
    defer { rnncore_model_destroy(model) }
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    #expect(
      rnncore_model_save(model, folder.path("m.safetensors"), "[1]") == RNNCORE_FORMAT)
    #expect(
      rnncore_model_save(model, folder.path("m.safetensors"), #"{"a": 1}"#) == RNNCORE_FORMAT)
    #expect(rnncore_model_save(model, folder.path("no/m.safetensors"), nil) == RNNCORE_FILE)

    func loss(_ change: (inout rnncore_examples) -> Void, data: Data? = nil) -> rnncore_status {
      var found = rnncore_status(RNNCORE_OK)
      try? (data ?? Data(configuration, seed: 1)).call {
        var examples = $0.pointee
        change(&examples)
        var loss = 0.0
        found = rnncore_model_loss(model, &examples, &loss)
        return rnncore_status(RNNCORE_OK)
      }
      return found
    }
    #expect(loss { _ in } == RNNCORE_OK)
    #expect(loss { $0.count = 0 } == RNNCORE_EMPTY)
    #expect(loss { $0.count = -1 } == RNNCORE_RANGE)
    #expect(loss { $0.lengths = nil } == RNNCORE_SHAPE)
    #expect(loss { $0.features = nil } == RNNCORE_SHAPE)
    #expect(loss { $0.classes = nil } == RNNCORE_SHAPE)
    var wrong = Data(configuration, seed: 1)
    wrong.classes[1] = 4
    #expect(loss({ _ in }, data: wrong) == RNNCORE_VOCABULARY)
    wrong = Data(configuration, seed: 1)
    wrong.features[1] = .nan
    #expect(loss({ _ in }, data: wrong) == RNNCORE_NON_FINITE)
  }
}
