import Foundation
import RNNTasks
import Testing

@testable import RNNCore

@Suite("A model of the next symbol sees nothing of it")
struct CausalityTests {
  private static let cells: [CellKind] = [
    .elman(.tanh), .irnn, .jordan(.tanh, teacherForcing: false),
    .jordan(.tanh, teacherForcing: true), .jordan(.tanh, teacherForcing: true, hybrid: true),
    .lstm(peephole: true), .lstm(coupled: true), .gru(.after), .gru(.before),
  ]

  static let bodies: [ModelConfiguration.Body] =
    [.feedForward()] + cells.map { .recurrent($0) } + [.recurrent(.lstm(), layers: 3)]

  /// The tasks that predict a next symbol, on a little made-up data.
  private static func tasks() throws -> [any SequenceTask] {
    let directory = try TemporaryDirectory()
    let text = directory.url.appendingPathComponent("text")
    try (0..<80).map { "w\($0 * $0 % 7) w\($0 % 5)\n" }.joined()
      .write(to: text, atomically: true, encoding: .utf8)
    let tunes = directory.url.appendingPathComponent("tunes.json")
    let piece = "[[40,44],[41],[42,47],[40],[45,50],[41,44],[43]]"
    try #"{"train":[\#(piece)],"valid":[\#(piece)],"test":[\#(piece)]}"#
      .write(to: tunes, atomically: true, encoding: .utf8)
    var words = DataOptions()
    words.unit = .word
    return try [
      TextTask(generating: 900, steps: 7),
      #require(makeTask(.lm, at: text) as? any SequenceTask),
      #require(makeTask(.lm, at: text, options: words) as? any SequenceTask),
      #require(makeTask(.music, at: tunes) as? any SequenceTask),
    ]
  }

  private static func configuration(
    _ task: any SequenceTask, _ body: ModelConfiguration.Body, window: Int,
    side: ContextSide? = nil
  ) -> ModelConfiguration {
    let (input, loss): (ModelConfiguration.Input, Loss) =
      switch task.shape.input {
      case .tokens(let vocabulary):
        (.tokens(vocabulary: vocabulary, embedding: 4), .softmaxCrossEntropy)
      case .features(let width): (.features(width: width), .bernoulliCrossEntropy)
      }
    return ModelConfiguration(
      input: input, contextWindow: window, contextSide: side ?? task.shape.contextSide, body: body,
      hiddenSize: 6, outputs: task.shape.outputs, loss: loss)
  }

  @Test("Later symbols change no earlier score, to the bit", arguments: bodies, [1, 2, 5])
  func bits(_ body: ModelConfiguration.Body, window: Int) throws {
    for task in try Self.tasks() {
      let configuration = Self.configuration(task, body, window: window)
      try task.shape.checkSight(of: configuration, task: task.name)
      let model = try SequenceModel(configuration, seed: 3)
      func outputs(_ input: Example.Input) throws -> [Float] {
        var state = model.zeroState(sequences: 1)
        return try model.outputs(
          for: SequenceBatch(inputs: [input]), state: &state, pass: model.makePass())[0]
      }
      let example = task.trainingExamples(1, seed: 1)[0]
      let (plain, outputsPerStep) = (try outputs(example.input), task.shape.outputs)
      for step in 1..<example.length {
        let changed = try outputs(example.input.changed(from: step))
        let unchanged = step * outputsPerStep
        #expect(changed.prefix(unchanged) == plain.prefix(unchanged), "\(task.name), step \(step)")
        #expect(changed.suffix(from: unchanged) != plain.suffix(from: unchanged))
      }
    }
  }

  @Test("Nor do later tokens of a target change what a decoder expects", arguments: [1, 2])
  func decoders(layers: Int) throws {
    for (attention, feeding) in [
      (nil, AttentionFeeding.none), (.general, .none), (.dot, .answer), (.concat, .context),
    ] as [(AttentionScore?, AttentionFeeding)] {
      let configuration = EncoderDecoderConfiguration(
        source: .tokens(vocabulary: 7, embedding: 4), targetVocabulary: 8, targetEmbedding: 4,
        cell: .lstm(), layers: layers, hiddenSize: 6, directions: .concatenated,
        attention: attention, start: 6, end: 7, feeding: feeding)
      let model = try EncoderDecoder(configuration, seed: 3)
      func logits(_ target: [Int32]) throws -> [[Float]] {
        let pair = SequencePair(source: .tokens([1, 2, 3, 4]), target: target)
        let pass = model.makePass()
        try pass.layers.begin()
        return try model.forward(PairBatch([pair], for: configuration), pass: pass).values
      }
      let plain = try logits([1, 2, 3, 0, 5])
      for changed in 1..<5 {
        var target: [Int32] = [1, 2, 3, 0, 5]
        for step in changed..<5 { target[step] = 4 }
        let other = try logits(target)
        // Row t is read after start and t tokens.
        #expect(other[...changed] == plain[...changed])
        #expect(other[changed + 1] != plain[changed + 1])
      }
    }
  }

  @Test("All ways to look ahead are refused where the next symbol is asked for, and there alone")
  func refusals() throws {
    let recurrent = ModelConfiguration.Body.recurrent(.gru())
    for task in try Self.tasks() {
      var ways: [ModelConfiguration] = [
        Self.configuration(task, .recurrent(.gru(), directions: .concatenated), window: 1),
        Self.configuration(task, .recurrent(.gru(), directions: .summed), window: 1),
        Self.configuration(task, recurrent, window: 3, side: .both),
        Self.configuration(task, .feedForward(), window: 3, side: .both),
      ]
      if case .tokens = task.shape.input {
        for loss in Loss.allCases where loss.isOfWholeSequences {
          ways.append(Self.configuration(task, recurrent, window: 1))
          ways[ways.count - 1].loss = loss
        }
      }
      for way in ways {
        let trainer = try Trainer(SequenceModel(way, seed: 1), rate: 0.1)
        #expect {
          _ = try TaskLearner(task, trainer: trainer, batch: 2, seed: 1)
        } throws: {
          let error = $0 as? RNNError
          return error?.kind == .unsupported && error?.argument.contains(task.name) == true
        }
        var open = task.shape
        open.allowsFuture = true
        try open.checkSight(of: way, task: task.name)
      }
    }
  }

  @Test("Every task that predicts a next symbol says so")
  func shapes() throws {
    #expect(try Self.tasks().allSatisfy { !$0.shape.allowsFuture && $0.shape.contextSide == .past })
    let others: [any SequenceTask] = [
      try AddingTask(), try CopyTask(), try TemporalOrderTask(), try FlightSlotsTask(),
      try SpelledDigitsTask(),
    ]
    #expect(others.allSatisfy { $0.shape.allowsFuture && $0.shape.contextSide == .both })
  }
}

extension Example.Input {
  /// Other symbols from a step on.
  fileprivate func changed(from step: Int) -> Example.Input {
    switch self {
    case .tokens(let ids): .tokens(ids.prefix(step) + ids.dropFirst(step).map { $0 == 0 ? 1 : 0 })
    case .features(let values, let width):
      .features(
        values.prefix(step * width) + values.dropFirst(step * width).map { 1 - $0 }, width: width)
    }
  }
}
