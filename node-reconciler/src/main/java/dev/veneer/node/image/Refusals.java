package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.tree.Bytes;

/** Makes the exceptions for content that is not imported. */
final class Refusals {
    private Refusals() {}

    /** For an entry, by its name as the archive has it. */
    static NodeException entry(byte[] name, String why) {
        return content("entry '" + Bytes.show(name) + "' " + why);
    }

    static NodeException content(String message) {
        return new NodeException(Reason.ContentRefused, Follow.STALLED, message);
    }

    static NodeException content(String message, Throwable cause) {
        return new NodeException(Reason.ContentRefused, Follow.STALLED, message, cause);
    }
}
