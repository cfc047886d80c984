//! Threads that do work from a bounded queue.

use poolkeeper_pool::error::WorkerError;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};
use tokio::sync::oneshot;

/// After how long without work a thread puts its tool away.
const IDLE: Duration = Duration::from_secs(10);

/// What a thread works with.
pub(super) trait Tool: 'static {
    /// Gives back what it can do without until there is work again.
    fn put_away(&mut self);
}

type Job<T> = Box<dyn FnOnce(&mut T) + Send>;

/// Threads with a queue, each of which has a tool of its own. Dropping it ends them.
pub(super) struct Crew<T> {
    queue: Arc<Queue<T>>,
    threads: Vec<JoinHandle<()>>,
}

struct Queue<T> {
    /// How many jobs may wait while all threads are busy.
    most: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    jobs: VecDeque<Job<T>>,
    /// How many threads have nothing to do.
    idle: usize,
    is_over: bool,
}

impl<T: Tool> Crew<T> {
    /// Starts so many threads, each of which makes its tool first. So many jobs may wait for them.
    pub(super) fn start(
        name: &str,
        (threads, most): (usize, usize),
        tool: impl Fn() -> T + Clone + Send + 'static,
    ) -> io::Result<Self> {
        let state = State { jobs: VecDeque::new(), idle: threads, is_over: false };
        let queue = Queue { most, state: Mutex::new(state), changed: Condvar::new() };
        let mut crew = Self { queue: Arc::new(queue), threads: Vec::with_capacity(threads) };
        for number in 0..threads {
            let (queue, tool) = (Arc::clone(&crew.queue), tool.clone());
            let named = thread::Builder::new().name(format!("{name}-{number}"));
            crew.threads.push(named.spawn(move || queue.work(&mut tool()))?);
        }
        Ok(crew)
    }

    /// Has a thread do `work`. Nobody does it if the caller has gone away by the time a thread
    /// is free.
    pub(super) async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut T) -> Result<R, WorkerError> + Send + 'static,
    ) -> Result<R, WorkerError> {
        let (reply, answer) = oneshot::channel();
        let job: Job<T> = Box::new(move |tool| {
            if !reply.is_closed() {
                // Nobody listens any more if this fails, and then nobody needs to know.
                reply.send(work(tool)).ok();
            }
        });
        self.queue.put(job)?;
        answer.await.unwrap_or(Err(WorkerError::Failed("the thread panicked")))
    }
}

impl<T> Crew<T> {
    /// How many threads there are.
    pub(super) fn len(&self) -> usize {
        self.threads.len()
    }
}

impl<T> Drop for Crew<T> {
    /// Waits at most for the one job each thread is at: the callers of those still queued are gone.
    fn drop(&mut self) {
        let left = {
            let mut state = self.queue.lock();
            state.is_over = true;
            std::mem::take(&mut state.jobs)
        };
        drop(left);
        self.queue.changed.notify_all();
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}

impl<T> Queue<T> {
    fn put(&self, job: Job<T>) -> Result<(), WorkerError> {
        let mut state = self.lock();
        if state.jobs.len() >= self.most.saturating_add(state.idle) {
            return Err(WorkerError::Busy);
        }
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The next job; `None` if there is no more to come.
    fn next(&self, tool: &mut T) -> Option<Job<T>>
    where
        T: Tool,
    {
        let is_idle = |state: &mut State<T>| state.jobs.is_empty() && !state.is_over;
        let waited = self.changed.wait_timeout_while(self.lock(), IDLE, is_idle);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            drop(state);
            tool.put_away();
            let waited = self.changed.wait_while(self.lock(), is_idle);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let job = state.jobs.pop_front()?;
        state.idle = state.idle.saturating_sub(1);
        Some(job)
    }

    fn work(&self, tool: &mut T)
    where
        T: Tool,
    {
        while let Some(job) = self.next(tool) {
            // A panic is reported by the panic hook; the caller sees its reply channel close.
            catch_unwind(AssertUnwindSafe(|| job(tool))).ok();
            self.lock().idle += 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::Pin;
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    /// Counts how often it was put away.
    struct Hammer(usize);

    impl Tool for Hammer {
        fn put_away(&mut self) {
            self.0 += 1;
        }
    }

    fn crew(threads: usize, most: usize) -> Crew<Hammer> {
        Crew::start("test", (threads, most), || Hammer(0)).unwrap()
    }

    fn is_pending<R>(future: &mut (impl Future<Output = R> + Unpin)) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        Pin::new(future).poll(&mut context).is_pending()
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        for most in [0, 1] {
            let crew = crew(1, most);
            let (started, has_started) = oneshot::channel();
            let (release, held) = mpsc::channel::<()>();
            let mut blocked = Box::pin(crew.run(move |_| {
                started.send(()).unwrap();
                held.recv().unwrap();
                Ok(())
            }));
            assert!(is_pending(&mut blocked));
            has_started.await.unwrap();

            let mut queued: Vec<_> = (0..most).map(|_| Box::pin(crew.run(|_| Ok(())))).collect();
            assert!(queued.iter_mut().all(is_pending));
            assert_eq!(crew.run(|_| Ok(())).await, Err(WorkerError::Busy));

            release.send(()).unwrap();
            assert_eq!(blocked.await, Ok(()));
            for queued in queued {
                assert_eq!(queued.await, Ok(()));
            }
        }
    }

    #[tokio::test]
    async fn work_nobody_waits_for_is_not_done() {
        let crew = crew(1, 2);
        let (release, held) = mpsc::channel::<()>();
        let mut blocked = Box::pin(crew.run(move |_| held.recv().map_err(|_| WorkerError::Busy)));
        assert!(is_pending(&mut blocked));
        let (touch, touched) = mpsc::channel();
        let mut abandoned = Box::pin(crew.run(move |_| {
            touch.send(()).unwrap();
            Ok(())
        }));
        assert!(is_pending(&mut abandoned));
        drop(abandoned);
        release.send(()).unwrap();
        blocked.await.unwrap();
        crew.run(|_| Ok(())).await.unwrap();
        assert_eq!(touched.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }

    #[tokio::test]
    async fn a_panic_costs_its_caller_an_error_and_nobody_a_thread() {
        let crew = crew(1, 0);
        let answer = crew.run(|_| -> Result<(), WorkerError> { panic!("a bug") }).await;
        assert_eq!(answer, Err(WorkerError::Failed("the thread panicked")));
        while crew.queue.lock().idle == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(crew.run(|_| Ok(())).await, Ok(()));
    }

    #[test]
    fn the_threads_end_with_the_crew() {
        let (alive, ended) = mpsc::channel::<()>();
        let crew = crew(3, 1);
        assert_eq!(crew.len(), 3);
        crew.queue.put(Box::new(move |_| drop(alive))).unwrap();
        drop(crew);
        assert_eq!(ended.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }
}
