package dev.veneer.node.loop;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import java.time.Duration;
import java.util.Date;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.quartz.DateBuilder;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDataMap;
import org.quartz.JobExecutionContext;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.StdSchedulerFactory;

/** Runs things on a schedule: the pass that is made although nothing woke the loop, and measuring. One thread. */
public final class Ticker implements AutoCloseable {
    private static final String WORK = "work";

    /** Quartz keeps all schedulers of a process by their names, and gives who asks for one of the same name the same one. */
    private static final AtomicLong COUNT = new AtomicLong();

    private final Scheduler scheduler;

    public Ticker() throws NodeException {
        Properties properties = new Properties();
        properties.setProperty("org.quartz.scheduler.instanceName", "veneer-" + COUNT.incrementAndGet());
        properties.setProperty("org.quartz.scheduler.skipUpdateCheck", "true");
        properties.setProperty("org.quartz.scheduler.makeSchedulerThreadDaemon", "true");
        properties.setProperty("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", "1");
        properties.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
        // A thread that is idle wakes as seldom as Quartz lets it: triggers are few and far between.
        properties.setProperty("org.quartz.scheduler.idleWaitTime", "300000");
        try {
            scheduler = new StdSchedulerFactory(properties).getScheduler();
            scheduler.start();
        } catch (SchedulerException e) {
            throw failed(e);
        }
    }

    /**
     * Runs something again and again.
     *
     * @param name what it is called, once
     * @param first how long to wait before the first time
     * @param every how long from one start to the next
     */
    public void every(String name, Duration first, Duration every, Runnable work) throws NodeException {
        JobDataMap data = new JobDataMap();
        data.put(WORK, work);
        try {
            scheduler.scheduleJob(
                    JobBuilder.newJob(Run.class)
                            .withIdentity(name)
                            .usingJobData(data)
                            .build(),
                    trigger(name, first, every));
        } catch (SchedulerException e) {
            throw failed(e);
        }
    }

    /** Has what {@link #every} runs run at another distance from now on. */
    public void change(String name, Duration every) throws NodeException {
        try {
            scheduler.rescheduleJob(TriggerKey.triggerKey(name), trigger(name, every, every));
        } catch (SchedulerException e) {
            throw failed(e);
        }
    }

    /** Runs something once. Asked for again before it ran, it still runs once. */
    public void once(String name, Duration after, Runnable work) throws NodeException {
        JobDataMap data = new JobDataMap();
        data.put(WORK, work);
        try {
            if (scheduler.checkExists(JobKey.jobKey(name))) {
                return;
            }
            scheduler.scheduleJob(
                    JobBuilder.newJob(Run.class)
                            .withIdentity(name)
                            .usingJobData(data)
                            .build(),
                    TriggerBuilder.newTrigger().startAt(in(after)).build());
        } catch (SchedulerException e) {
            throw failed(e);
        }
    }

    private static Trigger trigger(String name, Duration first, Duration every) {
        return TriggerBuilder.newTrigger()
                .withIdentity(name)
                .startAt(in(first))
                .withSchedule(SimpleScheduleBuilder.simpleSchedule()
                        .withIntervalInMilliseconds(every.toMillis())
                        .repeatForever()
                        .withMisfireHandlingInstructionNextWithRemainingCount())
                .build();
    }

    private static Date in(Duration after) {
        return DateBuilder.futureDate((int) after.toSeconds(), DateBuilder.IntervalUnit.SECOND);
    }

    private static NodeException failed(SchedulerException e) {
        return new NodeException(
                Reason.Failed, Follow.STALLED, "the scheduler cannot be started: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            scheduler.shutdown(false);
        } catch (SchedulerException e) {
            // Its threads are daemons: the end of the process ends them.
            return;
        }
    }

    /** Quartz makes one for each time. */
    public static final class Run implements Job {
        @Override
        public void execute(JobExecutionContext context) {
            if (context.getMergedJobDataMap().get(WORK) instanceof Runnable work) {
                work.run();
            }
        }
    }
}
