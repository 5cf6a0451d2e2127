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

    func vector(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.value()) } }
  }

  private static let calls: [String: Call] =
    activations.merging(lstm) { first, _ in first }
    .merging(gru) { first, _ in first }.merging(optimizers) { first, _ in first }
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
            let slots = coupled ? 3 : 4
            var (gates, c, h) = (data.signed(slots * n), data.signed(n), data.signed(n))
            let (bias, peephole, before) = (
              data.vector(slots * n), data.vector(3 * n), data.signed(n)
            )
            k.lstm_forward(
              coupled, linear.0, linear.1, rows, n, n, bias, peeps ? peephole : nil, &gates.storage,
              gates.stride,
              before.storage, &c.storage, c.stride, &h.storage, h.stride)
            return [gates, c, h]
          }
        }
      }
    },
    "lstm_backward": { k, n, data in
      linearities.flatMap { linear in
        [false, true].flatMap { coupled in
          [false, true].flatMap { peeps in
            var (gates, dc) = (data.share((coupled ? 3 : 4) * n), data.signed(n))
            let (before, c, dh, dout) = (
              data.signed(n), data.signed(n), data.signed(n), data.signed(n)
            )
            let peephole = data.vector(3 * n)
            k.lstm_backward(
              coupled, linear.0, linear.1, rows, n, n, peeps ? peephole : nil, &gates.storage,
              gates.stride,
              before.storage,
              c.storage, c.stride, dh.storage, dh.stride, peeps ? dout.storage : nil, dout.stride,
              &dc.storage, dc.stride)
            return [gates, dc]
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
          let gates = data.share((coupled ? 3 : 4) * n)
          let (c, dh, dout, dc) = (
            data.signed(n), data.signed(n), data.signed(n), data.signed(n)
          )
          let peephole = data.vector(3 * n)
          var sums = [Double](repeating: 1, count: rows)
          k.lstm_add_cell_squares(
            coupled, false, rows, n, n, peeps ? peephole : nil, gates.storage, gates.stride,
            c.storage,
            c.stride, dh.storage, dh.stride, peeps ? dout.storage : nil, dout.stride, dc.storage,
            dc.stride, &sums)
          return KernelMatrix(rows, 1) { Float(sums[$0]) }
        }
      }
    },
  ]

  private static let gru: [String: Call] = [
    "gru_after": { k, n, data in
      var (gates, h, slots, dh) = (
        data.signed(4 * n), data.signed(n), data.share(4 * n), data.signed(n)
      )
      let (bias, before, dout) = (data.vector(4 * n), data.signed(n), data.signed(n))
      k.gru_after_forward(
        rows, n, n, bias, &gates.storage, gates.stride, before.storage, &h.storage, h.stride)
      k.gru_after_backward(
        rows, n, n, &slots.storage, slots.stride, before.storage, before.stride, &dh.storage,
        dh.stride, dout.storage, dout.stride)
      return [gates, h, slots, dh]
    },
    "gru_before": { k, n, data in
      var (gates, h) = (data.signed(4 * n), data.signed(n))
      let (bias, before, seen) = (data.vector(4 * n), data.signed(n), data.signed(n))
      k.gru_before_reset(
        rows, n, n, bias, &gates.storage, gates.stride, seen.storage, seen.stride)
      k.gru_before_update(
        rows, n, n, bias, &gates.storage, gates.stride, before.storage, &h.storage, h.stride)
      var (slots, dh, dq) = (data.share(4 * n), data.signed(n), data.signed(n))
      k.gru_before_update_backward(
        rows, n, n, &slots.storage, slots.stride, before.storage, before.stride, &dh.storage,
        dh.stride, nil, 0)
      k.gru_before_reset_backward(
        rows, n, n, &slots.storage, slots.stride, seen.storage, seen.stride, &dq.storage, dq.stride)
      return [gates, h, slots, dh, dq]
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
    for n in [1, 7, 16, 17, 33] {
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
