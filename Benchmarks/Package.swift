// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "RNNCoreBenchmarks",
  dependencies: [.package(name: "RNNCore", path: "../")],
  targets: [
    .systemLibrary(name: "CSgemm", pkgConfig: "openblas"),
    .executableTarget(
      name: "step-overhead",
      dependencies: ["CSgemm", .product(name: "RNNCore", package: "RNNCore")]),
  ],
  swiftLanguageModes: [.v6]
)
