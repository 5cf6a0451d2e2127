import RNNCore
import RNNTasks

/// What `reproduce pascanu` trains: temporal order as in Pascanu, Mikolov and Bengio (2013),
/// section 4.1.1, with the settings of the paper and of its released code.
///
/// An Elman network of 50 units reads six symbols as one-hot vectors and answers after the last
/// step; SGD with rate 0.01 and no momentum, batches of 20; clipping to a global norm of 1; Ω with
/// weight 4. A run is a success when fewer than 1 % of the held-out sequences are answered wrongly.
/// Its one difference: a cell here has two biases, which start at 0 and get the same gradient, so
/// that their sum moves twice as fast.
package struct PascanuPlan: Sendable {
  /// What is done to the gradient.
  package enum Method: String, CaseIterable, Codable, Sendable {
    /// Nothing.
    case sgd
    /// Clipped.
    case clipped = "msgd-c"
    /// Clipped, with Ω added to the loss.
    case regularized = "msgd-cr"

    /// The paper's name.
    var name: String { rawValue.uppercased() }
  }

  /// How weights start, and with which activation; all biases start at 0.
  package enum Start: String, CaseIterable, Codable, Sendable {
    /// All weights N(0, 0.01²).
    case sigmoid
    /// All weights N(0, 0.1²).
    case tanh
    /// U sparse with 15 connections a unit and spectral radius 0.95, the others N(0, 0.01²).
    case smartTanh = "smart-tanh"

    var activation: HiddenActivation { self == .sigmoid ? .sigmoid : .tanh }
    var deviation: Float { self == .tanh ? 0.1 : 0.01 }
    package var recurrent: Initialization {
      self == .smartTanh
        ? .sparse(connections: 15, spectralRadius: 0.95) : .normal(deviation: deviation)
    }
  }

  package static let hidden = 50
  package static let rate: Float = 0.01
  package static let batch = 20
  package static let threshold: Float = 1
  package static let weight: Float = 4
  /// The share of wrong answers below which a run is a success.
  static let allowedError = 0.01

  /// The longest sequences that a solved network is tried on, and how many of each length.
  static let farthest = 5000
  static let reachSequences = 200

  package var starts: [Start]
  package var lengths: [ClosedRange<Int>]
  package var methods = Method.allCases
  package var seeds: [UInt64]
  /// Of the held-out data, the same for all runs as in the paper.
  package var dataSeed = NamedTask.standardSeed
  /// Updates at most; a run ends when it succeeds.
  package var updates: Int
  package var form = RetentionRegularizer.Form.released
  /// Sequences that decide on success.
  package var heldOut: Int

  /// The paper's size, or one that takes minutes: lengths at which 30,000 updates are enough for
  /// some methods and not for others.
  package static func standard(paper: Bool) -> PascanuPlan {
    paper
      ? PascanuPlan(
        starts: Start.allCases, lengths: [50...50, 100...100, 150...150, 200...200, 50...200],
        seeds: [1, 2, 3, 4, 5], updates: 5_000_000, heldOut: 10_000)
      : PascanuPlan(
        starts: [.tanh], lengths: [20...20, 30...30, 40...40], seeds: [1, 2, 3, 4, 5],
        updates: 30_000, heldOut: 2000)
  }

  /// Updates between two looks at the error.
  var interval: Int { max(1, min(500, updates / 4)) }
  /// Of the sequences that are looked at on the way; all are only when these are below the allowed
  /// error.
  var watched: Int { min(500, heldOut) }

  func configuration(_ start: Start, outputs: Int) -> ModelConfiguration {
    ModelConfiguration(
      input: .features(width: TemporalOrderTask.symbols.count),
      body: .recurrent(.elman(start.activation)), hiddenSize: Self.hidden, outputs: outputs,
      answer: .atEnd)
  }

  /// The network before training.
  func makeModel(
    _ start: Start, task: any SequenceTask, seed: UInt64, team: ThreadTeam
  ) throws -> SequenceModel {
    let normal = Initialization.normal(deviation: start.deviation)
    let model = try SequenceModel(
      configuration(start, outputs: task.shape.outputs),
      initialization: InitializationPlan(input: normal, recurrent: start.recurrent, bias: nil),
      seed: seed, team: team)
    // The readout's own start is another.
    var generator = RandomGenerator(seed: seed, for: "start of the readout")
    for slice in model.parameters.layout.slices where slice.layer == "readout" {
      let isWeight = slice.columns > 1
      try model.parameters.set(
        slice.name,
        to: isWeight
          ? normal.values(
            rows: slice.rows, columns: slice.columns, hidden: Self.hidden, using: &generator)
          : Array(repeating: 0, count: slice.count))
    }
    return model
  }

  func makeTrainer(_ model: SequenceModel, _ method: Method) throws -> Trainer<SequenceModel> {
    try Trainer(
      model, rule: .sgd(), rate: Self.rate,
      clipping: method == .sgd ? .none : .globalNorm(Self.threshold),
      regularizer: method == .regularized
        ? RetentionRegularizer(weight: Self.weight, form: form) : nil,
      nonFinite: method == .sgd ? .skip : .rescale)
  }
}
