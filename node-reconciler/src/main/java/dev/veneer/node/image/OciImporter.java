package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Imports an image of an OCI image layout by applying its layers one after another. */
final class OciImporter {
    private static final long PATIENCE_SECONDS = 120;

    private final ImportSession session;

    OciImporter(ImportSession session) {
        this.session = session;
    }

    void run(String path, String reference, TreeWriter writer) throws LinuxException, NodeException {
        try (OciBlobs blobs = OciBlobs.open(session.calls(), path)) {
            List<OciManifest.Descriptor> layers = new OciManifest(blobs).layers(reference);
            session.expect(
                    layers.stream().mapToLong(OciManifest.Descriptor::size).sum());
            int number = 0;
            for (OciManifest.Descriptor layer : layers) {
                writer.beginLayer(++number);
                apply(blobs, layer, writer);
            }
        }
    }

    private void apply(OciBlobs blobs, OciManifest.Descriptor layer, TreeWriter writer)
            throws LinuxException, NodeException {
        try (ReadAhead in = new ReadAhead(new Opening(blobs, layer), PATIENCE_SECONDS)) {
            new TarImporter(session, writer).run(in, new LayerFilter(session, writer));
        } catch (LinuxException e) {
            throw e;
        } catch (IOException e) {
            throw ReadAhead.explain(e);
        }
    }

    private final class Opening implements ReadAhead.Opening {
        private final OciBlobs blobs;
        private final OciManifest.Descriptor layer;
        private final MessageDigest sha256 = ContentHasher.sha256();
        private @Nullable DigestingStream raw;

        Opening(OciBlobs blobs, OciManifest.Descriptor layer) {
            this.blobs = blobs;
            this.layer = layer;
        }

        @Override
        public InputStream open() throws IOException, NodeException {
            FileStream file = blobs.open(layer.file(), session.readBytes());
            if (file.remaining() != layer.size()) {
                long found = file.remaining();
                file.close();
                throw mismatch("has " + found + " bytes where the manifest says " + layer.size());
            }
            DigestingStream digesting = new DigestingStream(file, sha256);
            raw = digesting;
            try {
                return Compression.decompress(digesting);
            } catch (IOException e) {
                file.close();
                throw e;
            }
        }

        @Override
        public void ended() throws IOException, NodeException {
            DigestingStream rest = raw;
            if (rest != null) {
                rest.drain();
            }
            String found = "sha256:" + Bytes.wrap(sha256.digest()).hex();
            if (!found.equals(layer.digest())) {
                throw mismatch("has the digest " + found);
            }
        }

        private NodeException mismatch(String how) {
            return new NodeException(
                    Reason.DigestMismatch,
                    Follow.STALLED,
                    layer.file() + " in the image layout " + how + ": copy the image again");
        }
    }
}
