package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import java.net.URI;
import java.net.URISyntaxException;

/** The path of a {@code file:} address. */
final class FileUrl {
    private FileUrl() {}

    /** {@code file:/path} or {@code file:///path}, with {@code %HH} decoded. */
    static String path(String url) throws NodeException {
        try {
            URI uri = new URI(url);
            String host = uri.getHost();
            String path = uri.getPath();
            boolean local = host == null || host.isEmpty() || host.equals("localhost");
            if (path != null && path.startsWith("/") && local) {
                return path;
            }
        } catch (URISyntaxException e) {
            // Told below, with what would be right.
        }
        throw new NodeException(
                Reason.InvalidSpec,
                Follow.STALLED,
                "not the address of a file on this node: " + url + "; write file:///path, with %20 for a blank");
    }
}
