package dev.veneer.node.driver;

import dev.veneer.node.driver.btrfs.BtrfsSnapshotDriver;
import dev.veneer.node.driver.conformance.DriverConformance;
import dev.veneer.node.testkit.LoopDevice;

class BtrfsSnapshotConformanceIT extends DriverConformance {
    BtrfsSnapshotConformanceIT() {
        super(BtrfsSnapshotDriver::new, LoopDevice.Kind.BTRFS);
    }
}
