import RNNCore

/// The sizes of one stack of recurrent layers and its batch: what `throughput` measures on.
package struct BenchmarkShape: Hashable, Sendable {
  /// Unique within a preset.
  package var name: String
  /// nil where the shape is measured with each cell of `--cells`.
  package var cell: CellKind?
  /// B.
  package var batch: Int
  /// T, which no sequence exceeds.
  package var steps: Int
  /// I.
  package var input: Int
  /// H.
  package var hidden: Int
  /// L.
  package var layers = 1
  /// Whether each layer reads both ways and puts both outputs side by side.
  var isBidirectional = false
  /// From where to where the lengths of a ragged batch are drawn; nil when all have T steps.
  package var lengths: ClosedRange<Int>?

  /// The sizes in a few letters: `B64 T100 H512×2`; an input of H columns is not named.
  var sizes: String {
    var text = "B\(batch) T\(lengths.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "\(steps)")"
    if input != hidden { text += " I\(input)" }
    text += " H\(hidden)"
    if layers > 1 { text += "×\(layers)" }
    return isBidirectional ? text + " bi" : text
  }

  /// The lengths of the batch, the same for the same seed.
  func makeLayout(seed: UInt64) throws(RNNError) -> SequenceLayout {
    guard let lengths else {
      return try SequenceLayout(lengths: Array(repeating: steps, count: batch))
    }
    var generator = RandomGenerator(seed: seed, for: "lengths of a batch")
    return try SequenceLayout(
      lengths: (0..<batch).map { _ in
        lengths.lowerBound + generator.integer(below: lengths.count)
      })
  }

  package func configuration(_ cell: CellKind) -> RecurrentConfiguration {
    RecurrentConfiguration(
      cell: cell, inputSize: input, hiddenSize: hidden, layers: layers,
      directions: isBidirectional ? .concatenated : .forward)
  }
}

extension BenchmarkShape {
  /// A shape named by its own sizes.
  package init(
    cell: CellKind? = nil, batch: Int, steps: Int, input: Int, hidden: Int, layers: Int = 1,
    isBidirectional: Bool = false, lengths: ClosedRange<Int>? = nil
  ) {
    self.init(
      name: "", cell: cell, batch: batch, steps: steps, input: input, hidden: hidden,
      layers: layers, isBidirectional: isBidirectional, lengths: lengths)
    name = sizes
  }

  /// About what a training step with dE/dX needs: parameters, gradients and packed weights, and for
  /// each layer and direction gates, states and what lies between layers. In `Double`, which
  /// nothing overflows.
  func estimatedBytes(_ cell: CellKind) -> Double {
    let tokens = Double(batch) * Double(steps)
    let (gates, width) = (Double(max(1, cell.gates.count)), Double(hidden))
    let directions = isBidirectional ? 2.0 : 1
    let output = width * directions
    var (parameters, floats) = (0.0, tokens * (2 * Double(input) + output))
    for (inputs, count) in [(Double(input), 1.0), (output, Double(layers - 1))] {
      parameters += count * directions * gates * width * (inputs + width)
      // Gates with one slot more, state and cell state; above the first layer dE/dX.
      floats += count * tokens * (directions * (gates + 3) * width + (count == 1 ? 0 : inputs))
    }
    return 4 * (floats + 4 * parameters)
  }
}
