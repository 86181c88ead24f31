package dev.veneer.node.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.tree.DiskUsage;
import dev.veneer.node.tree.TreeRemover;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A base's forms made from each other. */
class BaseFormsIT {
    private final LinuxCalls calls = new JnrLinuxCalls();

    private static BaseTree base(LoopDevice device) {
        String path = device.mountPoint().resolve("base").toString();
        Commands.run(
                "sh",
                "-e",
                "-c",
                "mkdir $0; cd $0; mkdir d; yes | head -c 20M > large; ln large d/same; echo x > d/f;"
                        + "chattr +i d/f; find . -depth -exec touch -h -d @7.000000009 {} + 2>/dev/null || :",
                path);
        return new BaseTree(new Digest("ab".repeat(32)), BaseForm.DIR, path);
    }

    @Test
    void subvolumeSharesTheBlocksAndCannotBeWritten() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.BTRFS)) {
            BaseTree base = base(device);
            String staging = Files.createDirectory(device.mountPoint().resolve("staging"))
                    .toString();
            new BaseForms(calls).make(base, BaseForm.SUBVOL, staging, "subvol");
            String made = staging + "/subvol";
            assertEquals("256", Commands.run("stat", "-c", "%i", made));
            assertTrue(!Commands.tryRun("touch", made + "/new"), "read-only");
            assertEquals("7.000000009", Commands.run("stat", "-c", "%.9Y", made + "/d"));
            Commands.run("sync", "-f", made);
            DiskUsage.Sum sum = new DiskUsage(calls).of(made, staging);
            assertTrue(sum.exclusiveBytes() < 1 << 20, sum.toString());
            assertTrue(sum.sharedBytes() >= 20 << 20, sum.toString());
        }
    }

    @Test
    void cutAnywhereItCanBeTakenAway() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.BTRFS)) {
            BaseTree base = base(device);
            Path staging = Files.createDirectory(device.mountPoint().resolve("staging"));
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(calls).counting(FaultyLinuxCalls.CHANGING);
            int cuts = 0;
            for (boolean done = false; !done; ) {
                faulty.reset();
                faulty.cutAt(cuts + 1);
                try {
                    new BaseForms(faulty.calls()).make(base, BaseForm.SUBVOL, staging.toString(), "subvol");
                    done = true;
                } catch (CutOff e) {
                    cuts++;
                }
                new TreeRemover(calls).empty(staging.toString());
                assertEquals("", Commands.run("ls", "-A", staging.toString()), "after cut " + cuts);
            }
            assertTrue(cuts > 10, "cuts: " + cuts);
        }
    }

    @Test
    void noSubvolumeElsewhere() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.EXT4)) {
            BaseTree base = base(device);
            String staging = Files.createDirectory(device.mountPoint().resolve("staging"))
                    .toString();
            NodeException refused = assertThrows(
                    NodeException.class, () -> new BaseForms(calls).make(base, BaseForm.SUBVOL, staging, "subvol"));
            assertEquals(Reason.DriverUnavailable, refused.reason());
            assertEquals("", Commands.run("ls", "-A", staging));
        }
    }

    @Test
    void measuresWhatDuMeasures() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.EXT4)) {
            BaseTree base = base(device);
            DiskUsage.Sum sum = new DiskUsage(calls).of(base.path(), "/tmp");
            assertEquals(du("-sB1", base), sum.exclusiveBytes());
            assertEquals(du("-s --inodes", base), sum.inodes());
        }
    }

    private static long du(String options, BaseTree base) {
        return Long.parseLong(Commands.run("sh", "-c", "du " + options + " " + base.path() + " | cut -f1"));
    }
}
