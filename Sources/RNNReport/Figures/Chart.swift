/// A figure that draws itself for a width in CSS pixels, at a font size that stays the same.
///
/// A page shows one drawing to wide windows and another to phones; scaling one down would make its
/// text unreadable.
package protocol Chart: Sendable {
  /// What the figure shows, for readers who cannot see it.
  var title: String { get }
  var description: String { get }
  /// An `<svg>` element of the given width, or of ``leastWidth`` where that is larger.
  func svg(width: Double) -> String
  /// The width below which words would overlap; 0 for figures that fit anywhere.
  var leastWidth: Double { get }
  /// The names of what has a colour of its own in it; none unless a figure says otherwise.
  var things: [String] { get }
  /// The figure with each of its things at a place in the palette.
  func colored(_ places: [String: Int]) -> Self
}
