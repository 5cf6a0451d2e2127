/// What a stack of recurrent layers remembers of one forward pass, reused from batch to batch.
///
/// Hidden states, cell states and gates of every step can be read through ``RecurrentNetwork``'s
/// `hiddenStates`, `cellStates` and `gateValues` after a forward pass and until the next one (cell
/// states and gates only of a recorded one); BPTT overwrites gate values with their gradients.
public final class RecurrentTape: ViewedMemory, @unchecked Sendable {
  /// What the tape holds now.
  enum Phase: Sendable { case empty, forward, backward }

  /// One a layer and direction, index layer · D + direction.
  let layers: [LayerTape]
  var phase = Phase.empty
  /// Whether gates and cell states of all steps were kept.
  var isRecorded = true
  var layout: SequenceLayout?
  /// Counts the forward passes.
  var viewGeneration = 0
  /// What holds the first layer's input, kept alive to be read back; nil when that is not known.
  var inputBuffer: FloatBuffer?
  /// What each layer above the first reads when dropout or merging makes it differ from the output
  /// of the layer below: [N, D·output].
  let merged: [FloatBuffer]
  let dropped: [FloatBuffer]
  let dropoutMasks: [FloatBuffer]
  /// The input of the reverse direction, mirrored in time, a layer.
  let mirrored: [FloatBuffer]
  /// Gradients of layer outputs on their way down, and mirrored ones.
  let gradientsAbove = [FloatBuffer(), FloatBuffer()]
  let mirroredGradients = [FloatBuffer(), FloatBuffer()]
  let endGradients = [FloatBuffer(), FloatBuffer()]
  /// Whether the forward pass was a training pass, with dropout and teacher forcing.
  var wasForced = false
  var usedDropout = false

  /// Takes all probes off.
  func detachProbes() {
    for layer in layers { layer.probe = nil }
  }

  /// - Parameters:
  ///   - shapes: of each layer and direction.
  ///   - layerCount: L.
  ///   - other: a tape of the same network, whose packed weights this one uses too; never at the
  ///     same time.
  init(shapes: [CellShape], layerCount: Int, sharingWeightsOf other: RecurrentTape? = nil) {
    layers = shapes.enumerated().map {
      LayerTape(shape: $1, weights: other?.layers[$0].weights ?? LayerWeights($1))
    }
    merged = (0..<layerCount).map { _ in FloatBuffer() }
    dropped = (0..<layerCount).map { _ in FloatBuffer() }
    dropoutMasks = (0..<layerCount).map { _ in FloatBuffer() }
    mirrored = (0..<layerCount).map { _ in FloatBuffer() }
  }
}
