import CKernels
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Every instruction set computes what the portable kernels compute")
struct KernelAgreementTests {
  private static let rows = 3

  /// One call of a kernel on generated data; returns all that it may write.
  typealias Call = @Sendable (_ kernels: rnn_kernels, _ n: Int, _ data: Data) -> [KernelMatrix]

  /// Sources of values: states and slopes in [-1, 1], gates in (0, 1).
  final class Data {
    private var generator = OracleGenerator(seed: 71)

    func signed(_ columns: Int) -> KernelMatrix {
      KernelMatrix(rows, columns, using: &generator)
    }

    func share(_ columns: Int) -> KernelMatrix {
      KernelMatrix(rows, columns) { _ in Float(0.05 + 0.9 * generator.unit()) }
    }

    func matrix(_ rows: Int, _ columns: Int) -> KernelMatrix {
      KernelMatrix(rows, columns, using: &generator)
    }

    func vector(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.value()) } }
  }

  /// The memory of one step of a cell with `n` units and of its gradients.
  final class StepMemory {
    private let n: Int
    private let bias: UnsafeMutablePointer<Float>?
    private let gates, before, seen, h, cellBefore, cell, dh, output, dc: Block

    /// A matrix that stays where it is.
    final class Block {
      let matrix: KernelMatrix
      let pointer: UnsafeMutablePointer<Float>

      init(_ matrix: KernelMatrix) {
        self.matrix = matrix
        pointer = .allocate(capacity: matrix.storage.count)
        pointer.initialize(from: matrix.storage, count: matrix.storage.count)
      }

      deinit { pointer.deallocate() }

      var now: KernelMatrix {
        var result = matrix
        for index in result.storage.indices { result.storage[index] = pointer[index] }
        return result
      }
    }

    init(gates: KernelMatrix, _ n: Int, _ data: Data, bias: [Float]? = nil) {
      self.n = n
      self.gates = Block(gates)
      (before, seen, h) = (Block(data.signed(n)), Block(data.signed(n)), Block(data.signed(n)))
      (cellBefore, cell) = (Block(data.signed(n)), Block(data.signed(n)))
      (dh, output, dc) = (Block(data.signed(n)), Block(data.signed(n)), Block(data.signed(n)))
      self.bias = bias.map {
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: $0.count)
        copy.initialize(from: $0, count: $0.count)
        return copy
      }
    }

    deinit { bias?.deallocate() }

    var step: rnn_cell_step {
      rnn_cell_step(
        rows: rows, units: n, hidden: n, bias: bias, gates: gates.pointer, ldg: gates.matrix.stride,
        h_before: before.pointer, h_seen: seen.pointer, h: h.pointer, ldh: h.matrix.stride,
        c_before: cellBefore.pointer, c: cell.pointer, ldc: cell.matrix.stride)
    }

    func gradient(hasOutput: Bool) -> rnn_cell_gradient {
      rnn_cell_gradient(
        h: dh.pointer, ldh: dh.matrix.stride, output: hasOutput ? output.pointer : nil,
        ldo: output.matrix.stride, c: dc.pointer, ldc: dc.matrix.stride)
    }

    /// All that a kernel may write.
    var written: [KernelMatrix] { [gates.now, h.now, cell.now, dh.now, dc.now] }
  }

  /// The memory of three sequences of three, two and one steps, with states of `parts` vectors.
  final class ScanMemory {
    private let n: Int
    private let offsets: UnsafeMutablePointer<Int>
    private let bias: UnsafeMutablePointer<Float>
    private let gates, h, dh, dout: StepMemory.Block

    init(slots: Int, parts: Int = 1, _ n: Int, _ data: Data) {
      self.n = n
      offsets = .allocate(capacity: 4)
      offsets.initialize(from: [0, 3, 5, 6], count: 4)
      bias = .allocate(capacity: slots * n)
      bias.initialize(from: data.vector(slots * n), count: slots * n)
      gates = .init(data.matrix(6, slots * n))
      h = .init(data.matrix(9, parts * n))
      (dh, dout) = (.init(data.matrix(3, parts * n)), .init(data.matrix(6, n)))
    }

    deinit {
      offsets.deallocate()
      bias.deallocate()
    }

    var steps: rnn_cell_steps {
      rnn_cell_steps(
        first: 0, last: 3, offsets: offsets, begin: 0, end: 3, sequences: 3, units: n, hidden: n,
        bias: bias, gates: gates.pointer, first_row: 0, ldg: gates.matrix.stride, h: h.pointer,
        ldh: h.matrix.stride)
    }

    var gradient: rnn_steps_gradient {
      rnn_steps_gradient(
        h: dh.pointer, ldh: dh.matrix.stride, output: dout.pointer, ldo: dout.matrix.stride)
    }

    var written: [KernelMatrix] { [gates.now, h.now, dh.now] }
  }

  private static let scans: [String: Call] = [
    "min_gru": { k, n, data in
      [false, true].flatMap { positive in
        let memory = ScanMemory(slots: 2, n, data)
        k.min_gru_forward(positive, memory.steps)
        let there = memory.written
        k.min_gru_backward(positive, memory.steps, memory.gradient)
        return there + memory.written
      }
    },
    "min_lstm": { k, n, data in
      [false, true].flatMap { positive in
        let memory = ScanMemory(slots: 4, n, data)
        k.min_lstm_forward(positive, memory.steps)
        let there = memory.written
        k.min_lstm_backward(positive, memory.steps, memory.gradient)
        return there + memory.written
      }
    },
    "lru": { k, n, data in
      let memory = ScanMemory(slots: 4, parts: 2, n, data)
      let (lambda, gamma) = (data.vector(2 * n), data.vector(n))
      k.lru_forward(lambda, gamma, 2 * n, memory.steps)
      let there = memory.written
      k.lru_backward(lambda, gamma, 2 * n, memory.steps, memory.gradient)
      var sums = [Float](repeating: 1, count: 3 * n)
      k.lru_sums(2 * n, memory.steps, &sums)
      return there + memory.written + [KernelMatrix(1, 3 * n) { sums[$0] }]
    },
  ]

  private static let calls: [String: Call] =
    activations.merging(lstm) { first, _ in first }
    .merging(gru) { first, _ in first }.merging(scans) { first, _ in first }.merging(optimizers) {
      first, _ in first
    }
    .merging(squares) { first, _ in first }

  private static let activations: [String: Call] = [
    "activate_backward": { k, n, data in
      [RNN_TANH, RNN_SIGMOID, RNN_RELU, RNN_IDENTITY].flatMap { code in
        let (y, dy, extra) = (data.signed(n), data.signed(n), data.signed(n))
        return [false, true].map { hasExtra in
          var dx = data.signed(n)
          k.activate_backward(
            code, rows, n, y.storage, y.stride, dy.storage, dy.stride,
            hasExtra ? extra.storage : nil, extra.stride, &dx.storage, dx.stride)
          return dx
        }
      }
    },
    "softmax_backward": { k, n, data in
      let (y, dy, extra) = (data.share(n), data.signed(n), data.signed(n))
      return [false, true].map { hasExtra in
        var dx = data.signed(n)
        k.softmax_backward(
          rows, n, y.storage, y.stride, dy.storage, dy.stride, hasExtra ? extra.storage : nil,
          extra.stride, &dx.storage, dx.stride)
        return dx
      }
    },
  ]

  private static let linearities = [(false, false), (true, false), (false, true), (true, true)]

  private static let lstm: [String: Call] = [
    "lstm_forward": { k, n, data in
      linearities.flatMap { linear in
        [false, true].flatMap { coupled in
          [false, true].flatMap { peeps in
            let step = StepMemory(
              gates: data.signed((coupled ? 3 : 4) * n), n, data, bias: data.vector(4 * n))
            let form = rnn_lstm(
              coupled: coupled, linear_input: linear.0, linear_output: linear.1)
            let peephole = data.vector(3 * n)
            k.lstm_forward(form, peeps ? peephole : nil, step.step)
            return step.written
          }
        }
      }
    },
    "lstm_backward": { k, n, data in
      linearities.flatMap { linear in
        [false, true].flatMap { coupled in
          [false, true].flatMap { peeps in
            let step = StepMemory(gates: data.share((coupled ? 3 : 4) * n), n, data)
            let form = rnn_lstm(
              coupled: coupled, linear_input: linear.0, linear_output: linear.1)
            let peephole = data.vector(3 * n)
            k.lstm_backward(
              form, peeps ? peephole : nil, step.step, step.gradient(hasOutput: peeps))
            return step.written
          }
        }
      }
    },
  ]

  private static let squares: [String: Call] = [
    "add_row_squares": { k, n, data in
      let (x, y) = (data.signed(n), data.signed(n))
      return [false, true].map { hasExtra in
        var sums = [Double](repeating: 1, count: rows)
        k.add_row_squares(rows, n, x.storage, x.stride, hasExtra ? y.storage : nil, y.stride, &sums)
        return KernelMatrix(rows, 1) { Float(sums[$0]) }
      }
    },
    "lstm_add_cell_squares": { k, n, data in
      [false, true].flatMap { coupled in
        [false, true].map { peeps in
          let step = StepMemory(gates: data.share((coupled ? 3 : 4) * n), n, data)
          let peephole = data.vector(3 * n)
          var sums = [Double](repeating: 1, count: rows)
          k.lstm_add_cell_squares(
            rnn_lstm(coupled: coupled, linear_input: false, linear_output: false),
            peeps ? peephole : nil, step.step, step.gradient(hasOutput: peeps), &sums)
          return KernelMatrix(rows, 1) { Float(sums[$0]) }
        }
      }
    },
  ]

  private static let gru: [String: Call] = [
    "gru_after": { k, n, data in
      let there = StepMemory(gates: data.signed(4 * n), n, data, bias: data.vector(4 * n))
      k.gru_after_forward(there.step)
      let back = StepMemory(gates: data.share(4 * n), n, data)
      k.gru_after_backward(back.step, back.gradient(hasOutput: true))
      return there.written + back.written
    },
    "gru_before": { k, n, data in
      let there = StepMemory(gates: data.signed(4 * n), n, data, bias: data.vector(4 * n))
      k.gru_before_reset(there.step)
      k.gru_before_update(there.step)
      let back = StepMemory(gates: data.share(4 * n), n, data)
      var dq = data.signed(n)
      k.gru_before_update_backward(back.step, back.gradient(hasOutput: false))
      k.gru_before_reset_backward(back.step, &dq.storage, dq.stride)
      return there.written + back.written + [dq]
    },
  ]

  private static let optimizers: [String: Call] = [
    "sgd": { k, n, data in
      [false, true].flatMap { nesterov in
        let g = data.signed(n)
        var (v, w) = (data.signed(n), data.signed(n))
        k.sgd(n, 0.1, 0.9, nesterov, 0.01, g.storage, &v.storage, &w.storage)
        return [v, w]
      }
    },
    "rmsprop and adagrad": { k, n, data in
      let g = data.signed(n)
      var (s, w) = (data.share(n), data.signed(n))
      k.rmsprop(n, 0.1, 0.9, 1e-8, 0.01, g.storage, &s.storage, &w.storage)
      k.adagrad(n, 0.1, 1e-8, 0.01, g.storage, &s.storage, &w.storage)
      return [s, w]
    },
    "adam": { k, n, data in
      [false, true].flatMap { coupled in
        let g = data.signed(n)
        var (m, s, w) = (data.signed(n), data.share(n), data.signed(n))
        k.adam(
          n, 0.1, 0.9, 0.99, 1e-8, 0.1, 0.01, 0.02, coupled, g.storage, &m.storage, &s.storage,
          &w.storage)
        return [m, s, w]
      }
    },
    "average": { k, n, data in
      let w = data.signed(n)
      var a = data.signed(n)
      k.average(n, 0.3, w.storage, &a.storage)
      return [a]
    },
  ]

  @Test(
    "A kernel agrees with the portable one", arguments: InstructionSet.available,
    calls.keys.sorted())
  func agreement(_ set: InstructionSet, _ name: String) throws {
    let call = try #require(Self.calls[name])
    let closeness = Closeness(
      absolute: 2e-6, relative: 2e-6,
      reason: "the sets contract different products and sums into one rounding")
    // From four vectors on, 64 numbers at most, some kernels take four at once.
    for n in [1, 7, 16, 17, 33, 70, 145] {
      let (own, portable) = (
        call(set.table, n, Data()), call(InstructionSet.portable.table, n, Data())
      )
      #expect(own.count == portable.count)
      for (index, (own, portable)) in zip(own, portable).enumerated() {
        expectClose(own.doubles, portable.doubles, closeness, "\(name), n = \(n), result \(index)")
        #expect(own.gapsAreIntact || !name.contains("_"))
      }
    }
  }
}
