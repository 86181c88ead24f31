package dev.veneer.node.cli;

import dev.veneer.node.model.WorkProgress;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Progress as a bar that is drawn over itself on a terminal, ten times a second at most; elsewhere as a line now and
 * then, so that a log shows life without filling.
 */
final class DrawnProgress implements Progress {
    private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int BAR = 24;

    private final Terminal terminal;
    private final LongSupplier nanoTime;
    private String what = "";
    private long total;
    private Unit unit = Unit.THINGS;
    private boolean open;
    private boolean drawn;
    private long told;

    DrawnProgress(Terminal terminal, LongSupplier nanoTime) {
        this.terminal = terminal;
        this.nanoTime = nanoTime;
        this.told = nanoTime.getAsLong();
    }

    @Override
    public synchronized void begin(String newWhat, long newTotal, Unit newUnit) {
        end();
        what = newWhat;
        total = newTotal;
        unit = newUnit;
        open = true;
        told = nanoTime.getAsLong();
    }

    @Override
    public synchronized void reached(long done) {
        if (!open || !isTime()) {
            return;
        }
        if (terminal.errTerminal()) {
            draw(line(done));
        } else {
            terminal.err().println(Terminal.printable(what) + ": " + count(done));
        }
    }

    @Override
    public synchronized void working(String now, WorkProgress reached) {
        if (!isTime()) {
            return;
        }
        String text = Terminal.printable(now);
        String numbers = reached.text();
        if (!terminal.errTerminal()) {
            terminal.err().println(numbers.isEmpty() ? text : text + ": " + numbers);
            return;
        }
        double share = reached.share();
        draw(text + (share < 0 ? "  " : "  " + bar((int) (BAR * share)) + " ") + numbers);
    }

    /** Whether it is time to say something again; then it is said now. */
    private boolean isTime() {
        long now = nanoTime.getAsLong();
        if (now - told < (terminal.errTerminal() ? REDRAW_NANOS : LINE_NANOS)) {
            return false;
        }
        told = now;
        return true;
    }

    private void draw(String line) {
        terminal.err().print("\r\u001b[K" + line.substring(0, Math.min(line.length(), terminal.columns() - 1)));
        terminal.err().flush();
        drawn = true;
    }

    private static String bar(int full) {
        return "[" + "#".repeat(full) + "-".repeat(BAR - full) + "]";
    }

    @Override
    public synchronized void end() {
        open = false;
        erase();
    }

    @Override
    public synchronized void say(String line) {
        erase();
        terminal.out().println(Terminal.printable(line));
        terminal.out().flush();
    }

    private void erase() {
        if (drawn) {
            terminal.err().print("\r\u001b[K");
            terminal.err().flush();
            drawn = false;
        }
    }

    private String line(long done) {
        String text = Terminal.printable(what);
        if (total <= 0) {
            return text + "  " + count(done);
        }
        return text + "  " + bar((int) Math.min(BAR, done * BAR / total)) + " " + count(done);
    }

    private String count(long done) {
        String now = unit == Unit.BYTES ? Quantities.bytes(done) : Long.toString(done);
        if (total <= 0) {
            return now;
        }
        return now + " of " + (unit == Unit.BYTES ? Quantities.bytes(total) : Long.toString(total));
    }
}
