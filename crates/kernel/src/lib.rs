pub mod personal_id;
pub mod phone;
pub mod text;
