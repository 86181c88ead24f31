package dev.veneer.node.driver;

import dev.veneer.node.driver.conformance.DriverConformance;
import dev.veneer.node.driver.copy.CopyDriver;
import dev.veneer.node.testkit.LoopDevice;

class CopyOnXfsConformanceIT extends DriverConformance {
    CopyOnXfsConformanceIT() {
        super(CopyDriver::new, LoopDevice.Kind.XFS);
    }
}
