// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "OwnModel",
  // From elsewhere: .package(url: "https://…/RNNCore", from: "0.1.0")
  dependencies: [.package(name: "RNNCore", path: "../..")],
  targets: [
    .executableTarget(
      name: "own-model", dependencies: [.product(name: "RNNCore", package: "RNNCore")])
  ],
  swiftLanguageModes: [.v6]
)
