package dev.veneer.node.image.export;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import dev.veneer.node.tree.rewrite.BaseRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.zip.GZIPOutputStream;

/**
 * A layer that was written: a tar archive compressed by gzip, which every reader of images knows.
 *
 * @param digest of the file
 * @param diffId digest of the archive in it
 * @param size of the file, in bytes
 * @param paths entries of the archive
 * @param sockets how many were left out
 */
record LayerFile(String digest, String diffId, long size, long paths, long sockets) {
    static final String MEDIA_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";

    private static final int BUFFER = 64 * 1024;

    /** What puts entries into it. */
    interface Content {
        void into(LayerWriter layer) throws LinuxException, NodeException;
    }

    /** Writes one, durably, under a name that is not there yet. */
    static LayerFile write(
            LinuxCalls calls, int directory, byte[] name, BaseRecords base, ExportListener listener, Content content)
            throws LinuxException, NodeException {
        try (Blob blob = Blob.create(calls, directory, name)) {
            MessageDigest sha256 = ContentHasher.sha256();
            GZIPOutputStream compressed = new GZIPOutputStream(blob, BUFFER);
            TarWriter tar = new TarWriter(new DigestOutputStream(compressed, sha256));
            LayerWriter layer = new LayerWriter(calls, tar, base, listener);
            content.into(layer);
            tar.finish();
            compressed.finish();
            blob.finish();
            String diffId = "sha256:" + Bytes.wrap(sha256.digest()).hex();
            return new LayerFile(blob.digest(), diffId, blob.size(), layer.paths(), layer.sockets());
        } catch (LinuxException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
