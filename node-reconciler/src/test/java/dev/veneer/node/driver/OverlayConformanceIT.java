package dev.veneer.node.driver;

import dev.veneer.node.driver.conformance.DriverConformance;
import dev.veneer.node.driver.overlay.OverlayDriver;
import dev.veneer.node.testkit.LoopDevice;

class OverlayConformanceIT extends DriverConformance {
    OverlayConformanceIT() {
        super(OverlayDriver::new, LoopDevice.Kind.XFS);
    }
}
