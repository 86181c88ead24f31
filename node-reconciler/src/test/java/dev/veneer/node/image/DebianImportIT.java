package dev.veneer.node.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.veneer.node.model.ImageSource;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A real Debian, by every way in; on a file system of each kind. */
class DebianImportIT {
    @Test
    void oneDigestFromArchiveLayersAndDirectory() throws Exception {
        for (String tool : List.of("mmdebstrap", "umoci", "rsync", "zstd")) {
            assumeTrue(Commands.tryRun("which", tool), tool + " is not installed");
        }
        try (LoopDevice xfs = LoopDevice.create(LoopDevice.Kind.XFS, 3000);
                LoopDevice btrfs = LoopDevice.create(LoopDevice.Kind.BTRFS, 1500)) {
            ImportFixture onXfs = new ImportFixture(xfs.mountPoint());
            Path tar = onXfs.directory.resolve("base.tar");
            Commands.run(
                    "sh",
                    "-c",
                    "set -e; s=/etc/apt/sources.list.d/debian.sources; [ -e $s ] || s=/etc/apt/sources.list;"
                            + " mmdebstrap --quiet --variant=minbase bookworm " + tar + " $s");
            ImportResult archive = onXfs.run(ImportFixture.archiveAt(tar.toUri().toString(), null));
            assertTrue(archive.files() > 5000 && archive.bytes() > 100_000_000, archive.toString());
            assertEquals(List.of(), archive.notices());
            assertArrayEquals(onXfs.manifestByReading(), onXfs.manifest());

            // tar is the judge of the tree itself.
            Path reference = Files.createDirectory(onXfs.directory.resolve("staging-90"));
            Commands.run(
                    "tar",
                    "--numeric-owner",
                    "--xattrs",
                    "--xattrs-include=*",
                    "-xf",
                    tar.toString(),
                    "-C",
                    reference.toString());
            assertEquals("", Commands.run("rsync", "-aHAXnic", "--delete", reference + "/", onXfs.tree() + "/"));

            Path layout = onXfs.directory.resolve("layout");
            Commands.run("umoci", "init", "--layout", layout.toString());
            Commands.run("umoci", "new", "--image", layout + ":t");
            Commands.run("umoci", "raw", "add-layer", "--image", layout + ":t", tar.toString());
            ImportFixture onBtrfs = new ImportFixture(btrfs.mountPoint());
            ImportResult layers = onBtrfs.run(new ImageSource.OciLayout(layout.toString(), "t"));
            assertEquals(archive.digest(), layers.digest());

            // On the same file system, so that contents are cloned.
            ImportResult directory = onXfs.run(new ImageSource.Directory(reference.toString()));
            assertEquals(archive.digest(), directory.digest());
            assertArrayEquals(onXfs.manifestByReading(), onXfs.manifest());
        }
    }

    @Test
    void inodeFlagsAreKeptAndCopied() throws Exception {
        try (LoopDevice ext4 = LoopDevice.create(LoopDevice.Kind.EXT4)) {
            ImportFixture fixture = new ImportFixture(ext4.mountPoint());
            Path source = Files.createDirectory(fixture.directory.resolve("source"));
            Path frozen = Files.createDirectory(source.resolve("frozen"));
            Files.writeString(frozen.resolve("log"), "grows");
            Commands.run("chattr", "+a", frozen.resolve("log").toString());
            Commands.run("chattr", "+i", frozen.toString());
            ImportResult result = fixture.run(new ImageSource.Directory(source.toString()));
            assertEquals(3, result.files());
            assertTrue(Commands.run(
                            "lsattr", "-d", fixture.tree().resolve("frozen").toString())
                    .startsWith("----i"));
            assertTrue(
                    Commands.run("lsattr", fixture.tree().resolve("frozen/log").toString())
                            .startsWith("-----a"));
            assertArrayEquals(fixture.manifestByReading(), fixture.manifest());
        }
    }
}
