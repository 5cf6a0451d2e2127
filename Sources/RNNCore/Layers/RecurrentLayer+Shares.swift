/// How a layer's stretch of time steps is divided among the threads of a team.
extension RecurrentLayer {
  /// How the team takes a stretch.
  func region(
    _ side: PassSide, _ loop: TimeLoop, _ steps: Range<Int>, _ layout: SequenceLayout,
    _ team: ThreadTeam
  ) -> UnrollRegion {
    let work = UnrollWork(
      loop, side, steps: steps.count, sequences: layout.rows(ofStep: steps.lowerBound).count,
      tokens: layout.rows(ofSteps: steps).count)
    return UnrollRegion(work, team)
  }

  /// Calls `body` with each share of a stretch of steps.
  func forEachShare(
    of steps: Range<Int>, _ region: UnrollRegion, _ layout: SequenceLayout, _ tape: LayerTape,
    _ team: ThreadTeam, _ body: (UnrolledSteps, StepShare) -> Void
  ) {
    let grid = region.grid
    tape.withUnrolledSteps(of: layout, from: steps.lowerBound) { unrolled in
      func share(_ member: TeamMember) -> StepShare {
        StepShare.share(of: member, in: grid, hidden: shape.hidden, layout, steps)
      }
      if grid.units > 1 {
        team.runTogether(grid, gain: region.gain, pace: region.pace) { body(unrolled, share($0)) }
      } else {
        team.run(grid.rows) { body(unrolled, share($0)) }
      }
    }
  }

  /// Calls `body` with the shares of an elementwise cell's steps: sequences, or units where these
  /// are fewer than the threads.
  func forEachShare(
    of steps: Range<Int>, _ layout: SequenceLayout, _ tape: LayerTape, _ team: ThreadTeam,
    outputGradient: Matrix? = nil, _ body: (CellSteps) -> Void
  ) {
    let sequences = layout.rows(ofStep: steps.lowerBound).count
    tape.withUnrolledSteps(of: layout, from: steps.lowerBound) { unrolled in
      team.run { member in
        let units = shape.separateUnits ?? shape.hidden
        var share = StepShare(
          ranks: 0..<sequences, units: 0..<units, barrier: .none, index: member.index)
        if sequences >= member.count {
          share.ranks = layout.share(of: member.index, of: member.count, in: steps)
          share.index = 0
        } else {
          share.units = member.share(of: units, grain: StepShare.unitGrain)
        }
        body(
          CellSteps(
            unrolled: unrolled, range: steps, share: share, outputGradient: outputGradient))
      }
    }
  }

  // MARK: What a share takes of the products with the input

  /// A = X Wᵀ in the rows and units of one worker.
  ///
  /// - Parameter gateRow: where the worker's gates begin, see
  ///   ``UnrolledSteps/gateRow(of:in:)``; nil for their place among those of all ranks.
  func project(
    _ steps: Range<Int>, of unrolled: UnrolledSteps, _ share: StepShare, gateRow: Int?,
    tape: LayerTape, parameters: any ParameterMemory
  ) {
    let input = tape.input.rows(unrolled.offsets[steps.lowerBound]..<tape.input.rows)
    let gates =
      gateRow.map { tape.gates.rows($0..<tape.gates.rows) }
      ?? unrolled.gates(from: steps.lowerBound)
    for (index, product) in shape.inputProducts.enumerated() {
      let weights = tape.weights.input(index, for: .forward, self, parameters)
      func multiply(_ columns: Range<Int>) {
        weights.multiply(
          input, steps: steps, ranks: share.ranks, offsets: unrolled.offsets, units: columns,
          add: false, into: gates.columns(of: product), together: gateRow != nil)
      }
      guard let units = share.units else {
        multiply(0..<product.rows.count)
        continue
      }
      for first in stride(from: 0, to: product.rows.count, by: shape.hidden) {
        multiply(first + units.lowerBound..<first + units.upperBound)
      }
    }
  }

  /// dX = dA W in the rows of one worker, and where several have the same rows in its columns.
  func setInputGradient(
    of steps: Range<Int>, _ unrolled: UnrolledSteps, _ share: StepShare, _ inputGradient: Matrix,
    tape: LayerTape, parameters: any ParameterMemory
  ) {
    let target = inputGradient.rows(unrolled.offsets[steps.lowerBound]..<inputGradient.rows)
    let gates = unrolled.gates(from: steps.lowerBound)
    for (index, product) in shape.inputProducts.enumerated() {
      tape.weights.input(index, for: .backward, self, parameters).multiply(
        gates.columns(of: product), steps: steps, ranks: share.ranks, offsets: unrolled.offsets,
        units: share.columns(of: shape.input), add: index > 0, into: target)
    }
  }
}
