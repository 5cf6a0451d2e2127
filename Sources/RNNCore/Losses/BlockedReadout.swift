internal import CKernels

/// A readout into classes with its softmax cross-entropy, Z = X Wᵀ + b [N, V], for so many rows and
/// classes that Z would not stay in the cache: a block of rows at a time goes all the way from the
/// product to the gradients, so that Z never stands in memory as a whole.
///
/// In a recorded pass the way back goes with the way forward: what is left of a block are its rows
/// of dX = dZ W; dW and db are added to the pass's gradients block by block, in the order of
/// ``TokenGroups``. Where our own kernels multiply, all numbers are to the bit those that
/// ``Linear`` and ``Loss`` come to one after the other; OpenBLAS rounds by the number of rows that
/// it is given, which here depends on the number of rows and classes alone.
final class BlockedReadout: LayerRecord {
  private let logits = FloatBuffer()
  private let inputSlopes = FloatBuffer()
  private let losses = FloatBuffer()
  private var readout: Linear?
  private var input: RowSource?
  private var groups = TokenGroups.one(rows: 0)
  /// Rows of a block.
  private var size = 1
  /// The class of each row; none where no loss is asked for.
  private var classes: [Int32] = []
  private var weights: UnsafePointer<Float>?

  /// Nothing goes back through it but what it gave to the rows at once.
  override var isReached: Bool { false }

  /// Floats of a block: 8 MiB, in an L3 cache that has to hold the packed weights too.
  private static let floats = 1 << 21
  /// Rows of a block at least, since each block reads all weights and their gradients.
  private static let fewestRows = 64
  /// For OpenBLAS blocks are as if there were always so many threads.
  private static let fixedShares = 16

  /// Rows of a block at most.
  static func mostRows(classes: Int, threads: Int) -> Int {
    max(fewestRows, floats / classes) + ProductParts.tileRows * max(threads, fixedShares)
  }

  /// The record of a readout of `rows` on their pass; nil where the logits may stand as a whole.
  static func taking(_ rows: Rows, of readout: Linear) -> BlockedReadout? {
    let pass = rows.pass
    let most = pass.blockRows ?? max(fewestRows, floats / readout.outputSize)
    guard rows.count > most else { return nil }
    let record = pass.record { BlockedReadout() }
    let blocks = (rows.count + most - 1) / most
    record.size = (rows.count + blocks - 1) / blocks
    if pass.blockRows == nil {
      // Whole tiles for each thread.
      let threads = pass.team.products == .packed ? pass.team.count : fixedShares
      let share = ProductParts.tileRows * threads
      record.size = (record.size + share - 1) / share * share
    }
    (record.readout, record.input) = (readout, rows.source)
    record.groups =
      pass.team.products == .packed ? rows.order.groups(of: rows.count) : .one(rows: rows.count)
    return record
  }

  /// The likeliest class of each row, among equals the lowest.
  func likeliest(_ pass: Pass) -> [Int32] {
    (classes, weights) = ([], nil)
    return withLikeliest { run(pass, likeliest: $0) }.likeliest
  }

  /// The sum over rows of weight times −log softmax(row)[class]; in a recorded pass its gradient
  /// goes to the rows and to the parameters.
  ///
  /// - Parameters:
  ///   - classes: one a row; rows of weight 0 have any.
  ///   - weights: one a row, which stay in their place until the next pass.
  func crossEntropy(
    _ classes: [Int32], weights: UnsafePointer<Float>, _ pass: Pass
  ) -> Double {
    (self.classes, self.weights) = (classes, weights)
    return run(pass, likeliest: nil)
  }

  /// The likeliest class of each row, and the sum over rows of weight times
  /// −log softmax(row)[class], of a pass that is not recorded: no gradient goes anywhere.
  func likeliestAndLoss(
    _ classes: [Int32], weights: UnsafePointer<Float>, _ pass: Pass
  ) -> (likeliest: [Int32], loss: Double) {
    (self.classes, self.weights) = (classes, weights)
    return withLikeliest { run(pass, likeliest: $0) }
  }

  private func withLikeliest(
    _ body: (UnsafeMutablePointer<Int32>?) -> Double
  ) -> (likeliest: [Int32], loss: Double) {
    var loss = 0.0
    let count = input?.matrix.rows ?? 0
    let ids = [Int32](unsafeUninitializedCapacity: count) { space, used in
      loss = body(space.baseAddress)
      used = count
    }
    return (ids, loss)
  }

  // MARK: - Blocks

  private func run(_ pass: Pass, likeliest ids: UnsafeMutablePointer<Int32>?) -> Double {
    guard let readout, let input else { return 0 }
    let isRecorded = pass.isRecorded
    let slopes =
      isRecorded && input.slope != nil
      ? inputSlopes.matrix(input.matrix.rows, readout.inputSize) : nil
    let back = slopes.map { _ in readout.product(for: .backward, in: pass) }
    eachBlock(pass) { rows, z in
      evaluate(rows, z, asSlopes: isRecorded, likeliest: ids)
      if let slopes, let back { back.multiply(z, add: false, into: slopes.rows(rows)) }
    } then: { rows, z in
      guard isRecorded else { return }
      readout.addGradients(
        z, input: input.matrix.rows(rows), to: pass.recordedGradients, team: pass.team)
    }
    if let slopes { input.slope?.take(slopes, pass) }
    guard let weights else { return 0 }
    return Loss.weightedSum(
      losses.doubles(classes.count), weights: weights, count: classes.count, team: pass.team)
  }

  /// Makes the logits of one block after the other, in the order in which gradients add them up.
  ///
  /// - Parameters:
  ///   - body: is given rows and their logits, as many as a thread has of a block.
  ///   - then: is given all rows of the block, and what `body` has left of their logits.
  private func eachBlock(
    _ pass: Pass, _ body: (_ rows: Range<Int>, _ logits: Matrix) -> Void,
    then: (_ rows: Range<Int>, _ logits: Matrix) -> Void
  ) {
    guard let readout, let input else { return }
    let count = input.matrix.rows
    let product = readout.product(for: .forward, in: pass)
    // Grown before the threads look for their place in it.
    _ = losses.doubles(count)
    groups.forEachGroup { group in
      for first in stride(from: group.lowerBound, to: group.upperBound, by: size) {
        let block = first..<min(first + size, group.upperBound)
        let z = logits.matrix(block.count, readout.outputSize)
        pass.team.splitRows(block.count) { range in
          let rows = first + range.lowerBound..<first + range.upperBound
          let part = z.rows(range)
          product.multiply(input.matrix.rows(rows), add: false, into: part)
          readout.activate(part, parameters: pass.parameters)
          body(rows, part)
        }
        then(block, z)
      }
    }
  }

  /// The losses of some rows, whose logits become their gradient where that is asked for.
  private func evaluate(
    _ rows: Range<Int>, _ z: Matrix, asSlopes: Bool, likeliest ids: UnsafeMutablePointer<Int32>?
  ) {
    let (first, losses) = (rows.lowerBound, losses.doubles(0))
    classes.withUnsafeBufferPointer { classes in
      let targets = weights == nil ? nil : classes.baseAddress.map { $0 + first }
      if asSlopes, let targets, let weights {
        kernels.cross_entropies(
          z.rows, z.columns, z.pointer, z.stride, targets, weights + first, losses + first)
      } else {
        kernels.class_losses(
          z.rows, z.columns, z.pointer, z.stride, targets, weights.map { $0 + first },
          losses + first, ids.map { $0 + first })
      }
    }
  }
}

// MARK: - What went wrong

extension BlockedReadout {
  /// The first row whose logits have a gradient that is not finite, made once more for it.
  func firstNonFiniteRow(_ pass: Pass) -> Int? {
    var found: Int?
    eachSlopes(pass) { first, slopes in
      guard let row = slopes.firstNonFiniteRow else { return }
      found = min(found ?? .max, first + row)
    }
    return found
  }

  /// The last row that overflows the gradient of the weights.
  func lastOverflowingRow(_ pass: Pass) -> Int? {
    guard let input else { return nil }
    var found: Int?
    eachSlopes(pass) { first, slopes in
      let seen = input.matrix.rows(first..<first + slopes.rows)
      guard let row = slopes.lastRow(overflowingWith: seen) else { return }
      found = max(found ?? 0, first + row)
    }
    return found
  }

  private func eachSlopes(_ pass: Pass, _ body: (_ first: Int, _ slopes: Matrix) -> Void) {
    eachBlock(pass) { rows, z in
      evaluate(rows, z, asSlopes: true, likeliest: nil)
    } then: { rows, slopes in
      body(rows.lowerBound, slopes)
    }
  }
}
