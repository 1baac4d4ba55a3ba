//! Many texts, in order: while Python fetches the next ones, threads read those at hand.

use crate::record::{Record, Utf8};
use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError, bounded};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tiqu::Tiqu;

/// Texts at hand for each thread: enough that none waits while one of them is long.
const AHEAD: usize = 16;
/// UTF-8 bytes at hand at most, so that a run of huge texts does not fill the memory.
const AHEAD_BYTES: usize = 32 << 20;
/// How often a waiting thread looks whether the user wants to stop.
const PATIENCE: Duration = Duration::from_millis(100);

/// Pools by process and number of threads.
type Pools = HashMap<(u32, usize), Arc<ThreadPool>>;

/// Threads are kept from call to call. The process is part of the key: a forked child has no threads of its parent.
pub fn pool(jobs: usize) -> PyResult<Arc<ThreadPool>> {
    static POOLS: LazyLock<Mutex<Pools>> = LazyLock::new(Mutex::default);
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (std::process::id(), jobs);
    if let Some(pool) = pools.get(&key) {
        return Ok(pool.clone());
    }
    let pool = ThreadPoolBuilder::new().num_threads(jobs).thread_name(|index| format!("tiqu-{index}")).build();
    let pool = Arc::new(pool.map_err(|why| PyRuntimeError::new_err(why.to_string()))?);
    pools.insert(key, pool.clone());
    Ok(pool)
}

/// The number of threads: as asked for, or one for each processor that this process may use.
pub fn threads(jobs: Option<usize>) -> PyResult<usize> {
    match jobs {
        Some(0) => Err(PyValueError::new_err("jobs is 0, expected 1 or more")),
        Some(jobs) => Ok(jobs),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

/// In a build with assertions this text is a fault of the library, so that tests see what becomes of one.
const FAULT: &str = "\0fault";

/// What `tiqu` makes of a text, by way of `work`; the reason where there is a fault in this library. Every text that
/// Python gives is read through here.
pub fn guarded(text: &str, work: impl FnOnce() -> tiqu::Record) -> Result<tiqu::Record, String> {
    let work = || {
        assert!(!cfg!(debug_assertions) || text != FAULT, "asked for");
        work()
    };
    catch_unwind(AssertUnwindSafe(work)).map_err(|why| {
        let message = why.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| why.downcast_ref::<&str>().copied());
        format!("internal error: {}", message.unwrap_or("no message"))
    })
}

/// The record of a text with nothing beside it.
pub fn read(tiqu: &Tiqu, text: &str) -> Result<tiqu::Record, String> {
    guarded(text, || tiqu.extract(text))
}

/// The records of an iterable of texts, in its order.
#[pyclass(frozen, module = "tiqu")]
pub struct Records(Mutex<State>);

struct State {
    tiqu: Arc<Tiqu>,
    pool: Arc<ThreadPool>,
    ahead: usize,
    /// None when it has ended.
    texts: Option<Py<PyIterator>>,
    /// What the iterable raised; comes after the records of the texts before.
    failure: Option<PyErr>,
    taken: usize,
    bytes: usize,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    source: Py<PyString>,
    bytes: usize,
    record: Receiver<Result<tiqu::Record, String>>,
}

impl Records {
    pub fn new(tiqu: Arc<Tiqu>, texts: Bound<'_, PyIterator>, jobs: Option<usize>) -> PyResult<Self> {
        let jobs = threads(jobs)?;
        let (pool, texts) = (pool(jobs)?, Some(texts.unbind()));
        let (waiting, failure) = (VecDeque::new(), None);
        Ok(Self(Mutex::new(State { tiqu, pool, ahead: jobs * AHEAD, texts, failure, taken: 0, bytes: 0, waiting })))
    }
}

impl State {
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<Record>> {
        while self.waiting.len() < self.ahead && self.bytes < AHEAD_BYTES && self.texts.is_some() {
            if let Err(why) = self.take(py) {
                (self.texts, self.failure) = (None, Some(why));
            }
        }
        let Some(waiting) = self.waiting.pop_front() else { return self.failure.take().map_or(Ok(None), Err) };
        self.bytes -= waiting.bytes;
        let record = receive(py, &waiting.record)?.map_err(PyRuntimeError::new_err)?;
        Ok(Some(Record::new(record, Some(waiting.source))))
    }

    /// Hands the next text to the threads.
    fn take(&mut self, py: Python<'_>) -> PyResult<()> {
        let Some(texts) = &self.texts else { return Ok(()) };
        let Some(text) = texts.bind(py).clone().next() else {
            self.texts = None;
            return Ok(());
        };
        let source = text?.cast_into::<PyString>().map_err(|why| {
            let name = why.into_inner().get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
            PyTypeError::new_err(format!("text {} is {name}, expected str", self.taken))
        })?;
        let text = source.encode_utf8_lossy()?;
        let (bytes, source) = (text.len(), source.unbind());
        let (sender, record) = bounded(1);
        let tiqu = self.tiqu.clone();
        self.pool.spawn_fifo(move || {
            // Nobody listens any more when the caller has dropped the iterator.
            let _ = sender.send(read(&tiqu, &text));
        });
        self.taken += 1;
        self.bytes += bytes;
        self.waiting.push_back(Waiting { source, bytes, record });
        Ok(())
    }
}

fn receive<T: Send>(py: Python<'_>, receiver: &Receiver<T>) -> PyResult<T> {
    let gone = || PyRuntimeError::new_err("a thread ended before its text was read");
    match receiver.try_recv() {
        Ok(record) => return Ok(record),
        Err(TryRecvError::Disconnected) => return Err(gone()),
        Err(TryRecvError::Empty) => {}
    }
    loop {
        match py.detach(|| receiver.recv_timeout(PATIENCE)) {
            Ok(record) => return Ok(record),
            Err(RecvTimeoutError::Disconnected) => return Err(gone()),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
        }
    }
}

#[pymethods]
impl Records {
    fn __iter__(records: PyRef<'_, Self>) -> PyRef<'_, Self> {
        records
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Record>> {
        // Waiting for the lock would hold up the thread that has it: it may need the interpreter.
        let mut state =
            self.0.try_lock().map_err(|_| PyValueError::new_err("records are being read by another thread"))?;
        state.next(py)
    }
}
