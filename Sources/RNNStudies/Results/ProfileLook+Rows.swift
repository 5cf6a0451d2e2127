import RNNCore
import RNNReport

extension ProfileLook {
  /// One line a distance.
  var fields: [[ResultRows.Field]] {
    layer.hidden.byDistance.indices.map { distance in
      Self.fields(
        cell: cell, when: when, layer: layer.name, distance: distance,
        hidden: layer.hidden.byDistance[distance], cellNorm: layer.cell?.byDistance[distance],
        share: layer.memory.share(at: distance))
    }
  }

  static func fields(
    cell: String, when: String, layer: String, distance: Int, hidden: Double, cellNorm: Double?,
    share: Double?
  ) -> [ResultRows.Field] {
    [
      ("cell", JSONValue(cell)), ("when", JSONValue(when)), ("layer", JSONValue(layer)),
      ("distance", JSONValue(distance)), ("hiddenNorm", JSONValue(hidden)),
      ("cellNorm", JSONValue(cellNorm)), ("share", JSONValue(share)),
    ]
  }
}
