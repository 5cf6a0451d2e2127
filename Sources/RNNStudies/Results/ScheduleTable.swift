import RNNCore
import RNNReport

/// What the cost model says of every grid of a team for one layer, cell by cell.
package struct ScheduleTable {
  /// B, T, I, H of one layer.
  package struct Shape: Sendable, Hashable {
    package let sequences, steps, input, hidden: Int

    /// Throws ``RNNError/Kind/format`` for a text other than four sizes of at least 1.
    package init(_ text: String) throws(RNNError) {
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      let sizes = parts.compactMap { $0 }.filter { (1...1 << 16).contains($0) }
      guard parts.count == 4, sizes.count == 4 else {
        throw RNNError(
          .format, "--schedule", expected: "B,T,I,H, each from 1 to \(1 << 16)",
          found: text.shortened())
      }
      (sequences, steps, input, hidden) = (sizes[0], sizes[1], sizes[2], sizes[3])
    }
  }

  private struct Line {
    var cell: CellKind
    var side: PassSide
    var candidate: UnrollSchedule.Candidate
    var isTaken: Bool
  }

  private let shape: Shape
  private let threads: Int
  private let rates: CoreRates
  private let lines: [Line]

  /// - Parameter threads: of the team that is asked about; it need not exist.
  package init(_ shape: Shape, threads: Int, rates: CoreRates = .current) {
    (self.shape, self.threads, self.rates) = (shape, threads, rates)
    lines = [CellKind.lstm(), .gru(), .elman(.tanh)].flatMap { cell in
      guard let loop = TimeLoop(cell, hidden: shape.hidden) else { return [Line]() }
      return [PassSide.forward, .backward].flatMap { side in
        let work = UnrollWork(loop, side, steps: shape.steps, sequences: shape.sequences)
        let schedule = UnrollSchedule(work, threads: threads, rates: rates)
        return schedule.candidates.map {
          Line(cell: cell, side: side, candidate: $0, isTaken: $0.grid == schedule.best.grid)
        }
      }
    }
  }

  /// What the numbers rest on.
  package var note: String {
    "Predicted with rates of \(rates.name) for \(threads) thread\(threads == 1 ? "" : "s"): "
      + "sequences x units, microseconds of a step's products with the state, gates and waiting; "
      + "* is taken."
  }

  package var table: Table {
    var table = Table(
      title: "Time loop of B \(shape.sequences), T \(shape.steps), I \(shape.input), "
        + "H \(shape.hidden)",
      columns: [
        .text("cell"), .text("pass"), .text("grid"), .number("multiplying"), .number("reading"),
        .number("gates"), .number("exchanging"), .number("meeting"), .number("step, µs"),
        .number("all, ms"),
      ])
    for line in lines {
      let cost = line.candidate.cost
      func microseconds(_ nanoseconds: Double) -> Table.Cell {
        Table.Cell(NumberFormat.significant(nanoseconds / 1000, digits: 3))
      }
      table.append([
        Table.Cell("\(line.cell)"), Table.Cell(name(line.side)),
        Table.Cell("\(line.candidate.grid)\(line.isTaken ? " *" : "")"),
        microseconds(cost.multiplying), microseconds(cost.reading), microseconds(cost.gates),
        microseconds(cost.exchanging), microseconds(cost.meeting), microseconds(cost.total),
        Table.Cell(NumberFormat.significant(line.candidate.total / 1e6, digits: 3)),
      ])
    }
    return table
  }

  package var json: JSONValue {
    .array(
      lines.map { line in
        let cost = line.candidate.cost
        return [
          "cell": JSONValue("\(line.cell)"), "pass": JSONValue(name(line.side)),
          "grid": JSONValue("\(line.candidate.grid)"), "isTaken": JSONValue(line.isTaken),
          "multiplyingNanoseconds": JSONValue(cost.multiplying),
          "readingNanoseconds": JSONValue(cost.reading),
          "gatesNanoseconds": JSONValue(cost.gates),
          "exchangingNanoseconds": JSONValue(cost.exchanging),
          "meetingNanoseconds": JSONValue(cost.meeting),
          "stepNanoseconds": JSONValue(cost.total),
          "nanoseconds": JSONValue(line.candidate.total),
        ]
      })
  }

  private func name(_ side: PassSide) -> String {
    side == .forward ? "forward" : "backward"
  }
}
