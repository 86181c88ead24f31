package dev.veneer.node.linux;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Function;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.nio.ByteBuffer;

/**
 * The one native entry: libc's {@code syscall}, bound once with six machine words, and {@code copy_file_range}, which
 * needs a seventh. Both save errno in the calling thread before the JVM can change it.
 *
 * <p>{@code syscall} is declared with an ellipsis in C, but is written in assembly and takes its arguments from the
 * registers of an ordinary call on both architectures, so that calling it as an ordinary function is right.
 */
final class NativeSyscall {
    private final Invoker invoker = Invoker.getInstance();
    private final MemoryIO memory = MemoryIO.getInstance();
    private final LastError lastError = LastError.getInstance();
    private final Function function;
    private final CallContext context;
    private final long syscall;
    private final long copyFileRange;

    NativeSyscall() {
        Library libc = Library.getDefault();
        syscall = address(libc, "syscall");
        copyFileRange = address(libc, "copy_file_range");
        Type word = Type.SINT64;
        Type[] words = {word, word, word, word, word, word};
        function = new Function(syscall, word, words, CallingConvention.DEFAULT, true);
        context = function.getCallContext();
    }

    private static long address(Library libc, String symbol) {
        long address = libc.getSymbolAddress(symbol);
        if (address == 0) {
            throw new UnsatisfiedLinkError("libc has no " + symbol);
        }
        return address;
    }

    /** Makes the call; retries {@code EINTR}; a failure is returned as the negative errno, as the kernel does. */
    long call(long number, long a, long b, long c, long d, long e) {
        while (true) {
            long result = once(number, a, b, c, d, e);
            if (result != -Errno.EINTR) {
                return result;
            }
        }
    }

    /** Like {@link #call}, but {@code EINTR} comes back: for {@code close}, which must not be repeated. */
    long once(long number, long a, long b, long c, long d, long e) {
        long result = invoker.invokeN6(context, syscall, number, a, b, c, d, e);
        return result == -1 ? -(long) lastError.get() : result;
    }

    long copyFileRange(long in, long inOffset, long out, long outOffset, long length) {
        while (true) {
            long result = invoker.invokeN6(context, copyFileRange, in, inOffset, out, outOffset, length, 0);
            if (result != -1) {
                return result;
            }
            int errno = lastError.get();
            if (errno != Errno.EINTR) {
                return -(long) errno;
            }
        }
    }

    /** Where the first byte (index 0) of a direct buffer lies. */
    long address(ByteBuffer direct) {
        return memory.getDirectBufferAddress(direct);
    }
}
