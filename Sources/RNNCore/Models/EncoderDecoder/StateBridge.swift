/// How the encoder's final states become the decoder's initial ones, layer by layer: as they are,
/// two concatenated directions side by side, two summed ones added.
struct StateBridge {
  private let directions: Directions
  /// Vectors in a state, of which each is joined by itself.
  private let blocks: Int

  init(_ configuration: EncoderDecoderConfiguration) {
    (directions, blocks) = (configuration.directions, configuration.cell.cell.stateBlocks)
  }

  /// `target` must be zeros.
  func copy(_ source: RecurrentState, into target: inout RecurrentState) {
    for index in source.hidden.indices {
      let level = index / directions.count
      forEach(index, source.sequenceCount, source.stateWidth) { own, joint in
        target.hidden[level][joint] += source.hidden[index][own]
      }
      forEach(index, source.sequenceCount, source.cellWidth) { own, joint in
        target.cell[level][joint] += source.cell[index][own]
      }
    }
  }

  /// The gradient of the encoder's states from that of the decoder's.
  func copyGradient(of joint: RecurrentState, into own: inout RecurrentState) {
    for index in own.hidden.indices {
      let level = index / directions.count
      forEach(index, own.sequenceCount, own.stateWidth) {
        own.hidden[index][$0] = joint.hidden[level][$1]
      }
      forEach(index, own.sequenceCount, own.cellWidth) {
        own.cell[index][$0] = joint.cell[level][$1]
      }
    }
  }

  /// Calls `body` with the places of each number in the encoder's and in the decoder's state.
  private func forEach(
    _ index: Int, _ sequences: Int, _ width: Int, _ body: (_ own: Int, _ joint: Int) -> Void
  ) {
    let isSideBySide = directions == .concatenated
    let jointWidth = isSideBySide ? 2 * width : width
    let block = width / blocks
    let (jointBlock, first) = isSideBySide ? (2 * block, index % 2 * block) : (block, 0)
    for sequence in 0..<sequences {
      for column in 0..<width {
        let place = column / block * jointBlock + first + column % block
        body(sequence * width + column, sequence * jointWidth + place)
      }
    }
  }
}

extension StateBridge {
  /// The decoder's initial states, which send their gradient back to the encoder's final ones.
  func callAsFunction(
    _ states: States, decoder: RecurrentNetwork, in pass: Pass
  ) -> States {
    let record = pass.record { BridgeRecord(self, decoder) }
    record.begin(states)
    return States(state: record.joint, slope: record.jointSlope)
  }
}

private final class BridgeRecord: LayerRecord {
  private let bridge: StateBridge
  private(set) var joint: RecurrentState
  let jointSlope = StateSlope()
  private var source: States?
  private var gradient: RecurrentState?

  init(_ bridge: StateBridge, _ decoder: RecurrentNetwork) {
    self.bridge = bridge
    joint = decoder.zeroState(sequences: 0)
  }

  override var isReached: Bool { jointSlope.gradient != nil }

  override func reset() {
    super.reset()
    jointSlope.forget()
  }

  func begin(_ states: States) {
    source = states
    joint.makeZero(sequences: states.state.sequenceCount)
    bridge.copy(states.state, into: &joint)
  }

  override func backward(_ pass: Pass) {
    guard let source, let slope = jointSlope.gradient else { return }
    var own = gradient ?? source.state
    own.makeZero(sequences: source.state.sequenceCount)
    bridge.copyGradient(of: slope, into: &own)
    gradient = own
    source.slope.take(own)
  }
}
