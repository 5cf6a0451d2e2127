import CLibrary

extension PNGImage.Color {
  static let black = PNGImage.Color(red: 0, green: 0, blue: 0)
  static let white = PNGImage.Color(red: 255, green: 255, blue: 255)

  /// `#2b92cb`
  var hex: String {
    "#"
      + [red, green, blue].map {
        let digits = String($0, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }

  /// Black or white, whichever is easier to read on this colour: the better of both has a contrast
  /// of 4.58 or more on any.
  var ink: PNGImage.Color { contrast(to: .black) >= contrast(to: .white) ? .black : .white }

  /// From 1, of equal colours, to 21, of black and white (Web Content Accessibility Guidelines 2.2,
  /// which ask for 4.5).
  func contrast(to other: PNGImage.Color) -> Double {
    let (a, b) = (luminance, other.luminance)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  /// The relative luminance of an sRGB colour, 0...1.
  private var luminance: Double {
    func linear(_ value: UInt8) -> Double {
      let share = Double(value) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// `share` of another colour in this one.
  func mixed(with other: PNGImage.Color, share: Double) -> PNGImage.Color {
    func mixed(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8((Double(a) + min(max(share, 0), 1) * (Double(b) - Double(a))).rounded())
    }
    return PNGImage.Color(
      red: mixed(red, other.red), green: mixed(green, other.green), blue: mixed(blue, other.blue))
  }
}
