/// A stack of recurrent layers, computed one sequence, one step and one unit at a time.
///
/// The engine is tested against it and shares no code with it. Letters: I input width, H hidden
/// width, O output width of a Jordan cell, G gates, R width of the recurrent state (O for Jordan,
/// H + O for its hybrid, H rounded down to pairs for an LRU, else H), D directions, L layers.
struct OracleNetwork: Sendable {
  var cell: OracleCell
  var layers = 1
  var directions = OracleDirections.forward
  var input: Int
  var hidden: Int

  /// O, of a Jordan cell only.
  var output = 0

  /// R.
  var stateWidth: Int {
    if cell == .lru { return 2 * pairs }
    return cell.isHybrid ? hidden + output : directionWidth
  }

  /// Complex numbers of an LRU's state.
  var pairs: Int { max(1, hidden / 2) }

  /// Width of the outputs of one direction.
  var directionWidth: Int { cell.isJordan ? output : hidden }

  /// Width of the outputs, the directions merged.
  var outputWidth: Int { directions == .bidirectionalConcat ? 2 * directionWidth : directionWidth }

  /// Width of what a layer reads.
  func inputWidth(ofLayer layer: Int) -> Int { layer == 0 ? input : outputWidth }

  /// Where layer and direction are found in the initial and the final states.
  func stateIndex(layer: Int, direction: Int) -> Int { layer * directions.count + direction }

  /// What PyTorch appends to the name of a parameter.
  static func parameterSuffix(layer: Int, direction: Int) -> String {
    "_l\(layer)" + (direction == 1 ? "_reverse" : "")
  }

  /// Every parameter in PyTorch's order, row-major; a bias has one column.
  var parameterShapes: [(name: String, rows: Int, columns: Int)] {
    (0..<layers).flatMap { layer in
      (0..<directions.count).flatMap { direction in
        layerShapes(inputWidth: inputWidth(ofLayer: layer)).map { stem, rows, columns in
          (stem + Self.parameterSuffix(layer: layer, direction: direction), rows, columns)
        }
      }
    }
  }

  private func layerShapes(inputWidth: Int) -> [(stem: String, rows: Int, columns: Int)] {
    let gateRows = cell.gateCount * hidden
    if cell == .lru {
      return [
        ("nu_log", pairs, 1), ("theta_log", pairs, 1), ("gamma_log", pairs, 1),
        ("weight_ih", 2 * pairs + hidden, inputWidth), ("weight_ho", hidden, 2 * pairs),
      ]
    }
    guard cell.hasRecurrentProduct else {
      return [("weight_ih", gateRows, inputWidth), ("bias_ih", gateRows, 1)]
    }
    var shapes = [
      ("weight_ih", gateRows, inputWidth),
      ("weight_hh", gateRows, stateWidth),
      ("bias_ih", gateRows, 1),
      ("bias_hh", gateRows, 1),
    ]
    if cell.peepholeCount > 0 {
      shapes.append(("weight_peephole", cell.peepholeCount, hidden))
    }
    if cell.isJordan {
      shapes += [("weight_ho", output, hidden), ("bias_ho", output, 1)]
    }
    return shapes
  }
}
