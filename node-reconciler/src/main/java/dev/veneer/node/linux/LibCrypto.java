package dev.veneer.node.linux;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is used of OpenSSL's libcrypto: SHA-256 by its {@code EVP} functions, which are the same in 1.1 and 3. Debian's
 * Java brings the library with it; where there is none, the machine is none the worse for it, only slower.
 */
final class LibCrypto {
    private static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");

    private static final @Nullable LibCrypto LOADED = load();

    private final Invoker invoker = Invoker.getInstance();
    /** Three machine words, of which a function takes as many as it has parameters: they lie in registers. */
    private final CallContext words = CallContext.getCallContext(
            Type.SINT64, new Type[] {Type.SINT64, Type.SINT64, Type.SINT64}, CallingConvention.DEFAULT, false);

    private final long newContext;
    private final long freeContext;
    private final long init;
    private final long update;
    private final long end;
    private final long sha256;

    /** Keeps the library loaded. */
    private final Library library;

    private LibCrypto(Library library) {
        this.library = library;
        newContext = address("EVP_MD_CTX_new");
        freeContext = address("EVP_MD_CTX_free");
        init = address("EVP_DigestInit_ex");
        update = address("EVP_DigestUpdate");
        end = address("EVP_DigestFinal_ex");
        sha256 = call(address("EVP_sha256"), 0, 0, 0);
    }

    /** The library of this machine; null where there is none that can be used. */
    static @Nullable LibCrypto get() {
        return LOADED;
    }

    private static @Nullable LibCrypto load() {
        LibCrypto found = null;
        for (int i = 0; i < NAMES.size() && found == null; i++) {
            Library library = Library.openLibrary(NAMES.get(i), Library.LAZY | Library.LOCAL);
            found = library == null ? null : of(library);
        }
        return found;
    }

    private static @Nullable LibCrypto of(Library library) {
        try {
            return new LibCrypto(library);
        } catch (UnsatisfiedLinkError e) {
            return null; // a library by that name without these functions: as good as none
        }
    }

    private long address(String symbol) {
        long address = library.getSymbolAddress(symbol);
        if (address == 0) {
            throw new UnsatisfiedLinkError("libcrypto has no " + symbol);
        }
        return address;
    }

    private long call(long function, long a, long b, long c) {
        return invoker.invokeN3(words, function, a, b, c);
    }

    /** A C {@code int}: nothing is promised of the register's upper half. */
    private boolean succeeds(long function, long a, long b, long c) {
        return (int) call(function, a, b, c) == 1;
    }

    /** A context for {@link #begin}; 0 when there is no memory for it. To be freed once. */
    long newContext() {
        return call(newContext, 0, 0, 0);
    }

    void free(long context) {
        call(freeContext, context, 0, 0);
    }

    /** Begins a digest, forgetting what the context held; false where policy forbids the algorithm. */
    boolean begin(long context) {
        return succeeds(init, context, sha256, 0);
    }

    boolean update(long context, long address, long count) {
        return succeeds(update, context, address, count);
    }

    /** Ends a digest, of which 32 bytes are written to an address. */
    boolean end(long context, long address) {
        return succeeds(end, context, address, 0);
    }
}
