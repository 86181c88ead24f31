package dev.veneer.node.runtime;

import dev.veneer.node.model.SliverId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The name by which LXC knows a sliver's container: {@code NAMESPACE.NAME.STORE}, where STORE is eight hexadecimal
 * digits of the SHA-256 of the store's path.
 *
 * <p>Namespace and name are DNS labels without dots, so the name can be read back. The store is in it because LXC makes
 * control groups {@code lxc.payload.NAME} that all stores of a machine share. The longest has 136 bytes; a file name
 * may have 255.
 */
final class ContainerName {
    private final String suffix;

    ContainerName(String storePath) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(storePath.getBytes(StandardCharsets.UTF_8));
            this.suffix = "." + HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    String of(SliverId sliver) {
        requireLabel(sliver.namespace());
        requireLabel(sliver.name());
        return sliver.namespace() + "." + sliver.name() + suffix;
    }

    /** The sliver of a container directory of this store, or null when the name is none of ours. */
    @Nullable
    SliverId sliver(String name) {
        if (!name.endsWith(suffix)) {
            return null;
        }
        String[] parts = name.substring(0, name.length() - suffix.length()).split("\\.", -1);
        return parts.length == 2 && isLabel(parts[0]) && isLabel(parts[1]) ? new SliverId(parts[0], parts[1]) : null;
    }

    /** The name becomes part of paths and of a configuration file: nothing but a DNS label is ever let through. */
    private static void requireLabel(String text) {
        if (!isLabel(text)) {
            throw new IllegalArgumentException("not a DNS label: " + text);
        }
    }

    static boolean isLabel(String text) {
        if (text.isEmpty() || text.length() > 63 || text.startsWith("-") || text.endsWith("-")) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z';
            boolean digit = c >= '0' && c <= '9';
            if (!letter && !digit && c != '-') {
                return false;
            }
        }
        return true;
    }
}
