package dev.veneer.node.driver;

import dev.veneer.node.driver.conformance.DriverConformance;
import dev.veneer.node.driver.overlay.OverlayDriver;
import dev.veneer.node.testkit.LoopDevice;

class OverlayOnBtrfsConformanceIT extends DriverConformance {
    OverlayOnBtrfsConformanceIT() {
        super(OverlayDriver::new, LoopDevice.Kind.BTRFS);
    }
}
